//! `features` of all modules in an empty world: no environment, no files, nothing.

use std::process::{Command, Output};

/// Runs the program under a module's name in an empty directory with an empty environment.
fn run(module: &str, arguments: &[&str]) -> Output {
    let nowhere = tempfile::tempdir().unwrap();
    let program = nowhere.path().join(module);
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_pmssl"), &program).unwrap();
    let output = Command::new(&program)
        .args(arguments)
        .env_clear()
        .current_dir(nowhere.path())
        .output()
        .unwrap();
    let left: Vec<_> = std::fs::read_dir(nowhere.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, [module], "the command left files behind");
    output
}

#[test]
fn features_need_nothing_at_all() {
    for module in crate::modules() {
        let output = run(module, &["--command", "features"]);
        assert!(output.status.success(), "{module}");
        assert!(
            output.stderr.is_empty(),
            "{module}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).unwrap();
        let expected = pmssl::module::by_name(module).unwrap().features_document();
        assert_eq!(text.trim_end(), expected.trim_end(), "{module}");
        for wanted in [
            "<itemtype name=\"certificate\"/>",
            "<feature name=\"check_connection\"/>",
            "<template id=",
        ] {
            assert!(text.contains(wanted), "{module} lacks {wanted}");
        }
    }
}

#[test]
fn unknown_options_do_not_disturb_features() {
    let output = run(
        "pmthesslstore",
        &["--newflag", "7", "--command", "features", "--level=30"],
    );
    assert!(output.status.success());
}

#[test]
fn the_module_may_be_named_by_the_first_argument() {
    let by_name = run("pmenomssl", &["--command", "features"]);
    let output = Command::new(env!("CARGO_BIN_EXE_pmssl"))
        .args(["pmenomssl", "--command", "features"])
        .env_clear()
        .output()
        .unwrap();
    assert_eq!(output.stdout, by_name.stdout);
}

#[test]
fn flags_that_print_end_well() {
    for flag in ["--help", "-h", "--version", "-V", "-T"] {
        let output = run("pmglobalsign", &[flag]);
        assert!(output.status.success(), "{flag}");
        assert!(!output.stdout.is_empty(), "{flag}");
    }
}

#[test]
fn a_call_without_command_or_with_an_unknown_one_is_an_error_document() {
    for (arguments, kind) in [
        (&[][..], "pmssl_missing"),
        (&["--item", "7"][..], "pmssl_missing"),
        (&["--command", "launch"][..], "pmssl_unknown_command"),
        (
            &["--command", "open", "--item", "seven"][..],
            "pmssl_invalid",
        ),
    ] {
        // These reach for the installation: run where its log may be written.
        let root = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_pmssl"))
            .arg("pmthesslstore")
            .args(arguments)
            .env_clear()
            .env("PMSSL_MGR_ROOT", root.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with("<?xml"), "{text}");
        assert!(
            text.contains(&format!("<error type=\"{kind}\"")),
            "{arguments:?}: {text}"
        );
    }
}

/// The simulated world has a table of its own, because it uses nothing of the product.
#[test]
fn the_simulated_worlds_table_of_modules_is_the_products() {
    use pmssl::module::{Level, Method, by_name};
    let mut names = crate::sandbox::layout::MODULES.to_vec();
    names.sort_unstable();
    assert_eq!(names, crate::modules());
    for simulated in &crate::sandbox::sample::MODULES {
        let module = by_name(simulated.name).unwrap();
        assert_eq!(simulated.vendor, module.vendor);
        assert_eq!(simulated.order_parameter, module.order_parameter);
        let mut plain = module.templates.iter().filter(|template| {
            template.current
                && template.level == Level::Domain
                && !template.wildcard
                && !template.multidomain
                && template.methods.contains(&Method::Email)
        });
        let first = plain.next().map(|template| template.code);
        assert_eq!(Some(simulated.plain_product), first, "{}", simulated.name);
    }
}

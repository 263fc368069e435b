//! The simulated world against its own promises: only what is strict can prove something about the product.

use crate::sandbox;
mod control;
mod database;
mod functions;
mod queue;

/// What every suite leans on, whatever a test of it is about.
#[test]
fn a_world_that_does_not_add_up_fails_the_test_that_ends_it() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let place = Place::new();
    let account = place.world.add_account("pmthesslstore", &[]);
    let spec = crate::sandbox::ItemSpec::new(account, "positivessl");
    place.world.add_item(&spec.with("store_order_id", "never-sold"));
    let ended = catch_unwind(AssertUnwindSafe(|| drop(place)));
    let told = ended.expect_err("an order that nobody sold is no surprise");
    let told = told.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(told.contains("invented: "), "{told}");
}

use std::path::PathBuf;

use crate::sandbox::World;
use crate::sandbox::world::Setup;

/// A world in a scratch directory, with any program in the place of the product.
struct Place {
    world: World,
    directory: tempfile::TempDir,
}

impl Place {
    fn with(program: impl Into<PathBuf>) -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let setup = Setup {
            pmssl: program.into(),
            ..Setup::default()
        };
        let world = World::start_with(directory.path(), &setup);
        Self { world, directory }
    }

    fn new() -> Self {
        Self::with("/bin/sh")
    }

    /// A world whose modules are a shell script.
    fn with_script(text: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let place = Self::new();
        let file = place.directory.path().join("module.sh");
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).expect("the script");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))
            .expect("an executable script");
        for module in sandbox::layout::MODULES {
            let link = place.world.layout().module(module);
            std::fs::remove_file(&link).expect("the link");
            std::os::unix::fs::symlink(&file, &link).expect("the link");
        }
        place
    }

    /// Runs mgrctl as a module would; exit code and stdout.
    fn mgrctl(&self, arguments: &[&str]) -> (Option<i32>, String) {
        self.mgrctl_with(arguments, &[])
    }

    fn mgrctl_with(
        &self,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> (Option<i32>, String) {
        let output = std::process::Command::new(self.world.layout().mgrctl())
            .current_dir(self.world.root())
            .env_clear()
            .env("SSH_CONNECTION", "pmthesslstore")
            .envs(environment.iter().copied())
            .args(["-m", "billmgr", "-o", "xml"])
            .args(arguments)
            .output()
            .expect("mgrctl");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    }

    /// The same, which must succeed.
    fn done(&self, arguments: &[&str]) -> String {
        let (exit, text) = self.mgrctl(arguments);
        assert_eq!(exit, Some(0), "{arguments:?}: {text}");
        assert!(!text.contains("<error "), "{arguments:?}: {text}");
        text
    }
}

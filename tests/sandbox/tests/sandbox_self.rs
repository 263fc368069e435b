//! The simulated world against its own promises: only what is strict can prove something about the product.

use crate::sandbox;
mod buyers;
mod control;
mod database;
mod functions;
mod hands;
mod queue;

/// Whatever a former world has left running asks ports that the system gives out again.
#[test]
fn what_a_former_world_left_behind_reaches_no_other_world() {
    use std::net::{SocketAddr, TcpStream};
    let addresses = |world: &World| -> Vec<SocketAddr> {
        let vendors = world.vendors().values().map(|server| server.address());
        let control = world.control().url();
        let control = control.strip_prefix("http://").unwrap().parse().unwrap();
        vendors
            .chain([world.database().address(), control])
            .collect()
    };
    let former = Place::new();
    let asked = addresses(&former.world);
    assert_eq!(asked.len(), 7);
    let home = asked[0].ip();
    assert!(asked.iter().all(|address| address.ip() == home));
    drop(former);
    let places: Vec<Place> = (0..8).map(|_| Place::new()).collect();
    for place in &places {
        let own = addresses(&place.world);
        assert!(own.iter().all(|address| address.ip() != home));
        // The same ports at the former address: nobody is there.
        for address in own {
            let former = SocketAddr::new(home, address.port());
            assert!(TcpStream::connect(former).is_err(), "{former}");
        }
    }
}

/// What every suite leans on, whatever a test of it is about.
#[test]
fn a_world_that_does_not_add_up_fails_the_test_that_ends_it() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    let place = Place::new();
    let account = place.world.add_account("pmthesslstore", &[]);
    let spec = crate::sandbox::ItemSpec::new(account, "positivessl");
    place
        .world
        .add_item(&spec.with("store_order_id", "never-sold"));
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
        let place = Self::new();
        let file = place.directory.path().join("module.sh");
        sandbox::binaries::write_script(&file, &format!("#!/bin/sh\n{text}\n"));
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

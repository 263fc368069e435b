//! The platform root on disk.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};

use super::sample;

/// The names of the modules.
pub const MODULES: [&str; sample::MODULES.len()] = {
    let mut names = [""; sample::MODULES.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = sample::MODULES[index].name;
        index += 1;
    }
    names
};

/// Places inside the root.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// A layout whose root is absolute.
    pub fn new(root: &Path) -> Self {
        fs::create_dir_all(root).expect("the platform root");
        let root = root.canonicalize().expect("the platform root");
        Self { root }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn module(&self, name: &str) -> PathBuf {
        self.root.join("processing").join(name)
    }

    pub fn mgrctl(&self) -> PathBuf {
        self.root.join("sbin/mgrctl")
    }

    /// Where the link lies while mgrctl is missing.
    pub fn mgrctl_aside(&self) -> PathBuf {
        self.hidden("mgrctl")
    }

    pub fn mgrctl_socket(&self) -> PathBuf {
        self.hidden("mgrctl.sock")
    }

    pub fn database_socket(&self) -> PathBuf {
        self.hidden("mysql.sock")
    }

    /// Seconds by which the world's clock is ahead; what option `SSLClock` names.
    pub fn clock(&self) -> PathBuf {
        self.hidden("clock")
    }

    /// Address of the control interface.
    pub fn control(&self) -> PathBuf {
        self.hidden("control")
    }

    pub fn log(&self, module: &str) -> PathBuf {
        self.root.join("var").join(format!("{module}.log"))
    }

    pub fn billmgr_conf(&self) -> PathBuf {
        self.root.join("etc/billmgr.conf")
    }

    pub fn database_conf(&self) -> PathBuf {
        self.root.join("etc/billmgr.conf.d/db.conf")
    }

    fn hidden(&self, name: &str) -> PathBuf {
        self.root.join("var/.sandbox").join(name)
    }

    /// Makes directories and links. Files of an earlier run stay, except sockets.
    pub fn lay(&self, pmssl: &Path, mgrctl: &Path) {
        for directory in [
            "processing",
            "etc/billmgr.conf.d",
            "etc/xml",
            "var/logs",
            "var/.sandbox",
            "sbin",
            "tmp",
        ] {
            fs::create_dir_all(self.root.join(directory)).expect("a directory of the root");
        }
        for module in MODULES {
            link(pmssl, &self.module(module));
        }
        link(mgrctl, &self.mgrctl());
        write(&self.clock(), "0");
        write_new(&self.root.join("etc/debug.conf"), "* 9\n");
        write_new(&self.billmgr_conf(), "# Options of the simulated panel.\n");
        self.set_option("SSLClock", &self.clock().display().to_string());
        // A world has no names but those that it publishes itself.
        self.set_option("SSLResolver", "off");
    }

    /// Tells modules where the database is; `place` is the lines with host, port or socket.
    pub fn write_database_settings(&self, place: &str, user: &str, password: &str, name: &str) {
        let text = format!("{place}\nDBUser {user}\nDBPassword {password}\nDBName {name}\n");
        write(&self.database_conf(), &text);
        private(&self.database_conf());
    }

    /// Writes the platform's key.
    pub fn write_key(&self, key: &RsaPrivateKey) {
        let pem = key.to_pkcs1_pem(LineEnding::LF).expect("the key as PEM");
        let file = self.root.join("etc/billmgr.pem");
        write(&file, &pem);
        private(&file);
    }

    /// Kills a process if its program is the one behind the modules' links. An orphaned mgrctl has a strange
    /// parent and numbers are used again, so the program is looked at first: nothing else is ever killed.
    pub fn kill_module(&self, process: u32) {
        let program = fs::read_link(format!("/proc/{process}/exe"));
        let module = self.module(MODULES[0]).canonicalize();
        if let (Ok(program), Ok(module)) = (program, module)
            && program == module
        {
            let _ = std::process::Command::new("kill")
                .args(["-9", &process.to_string()])
                .status();
        }
    }

    /// Makes this root another node of the same installation: same key, same settings, same panel, same clock.
    pub fn join(&self, first: &Self) {
        for name in [
            "etc/billmgr.pem",
            "etc/billmgr.conf",
            "etc/billmgr.conf.d/db.conf",
        ] {
            fs::copy(first.root.join(name), self.root.join(name)).expect("a copied file");
        }
        link(&first.mgrctl_socket(), &self.mgrctl_socket());
        self.share_clock(first);
    }

    /// Another root's time is this one's, too.
    pub fn share_clock(&self, first: &Self) {
        link(&first.clock(), &self.clock());
    }

    /// A database that is kept for later.
    pub fn remembered_database(&self, number: usize) -> PathBuf {
        self.hidden(&format!("database-{number}"))
    }

    /// Makes the files of logs and of the program's own directories older, or younger.
    pub fn age(&self, seconds: i64) {
        age(&self.root.join("var"), seconds);
    }

    /// Adds or replaces an option of `etc/billmgr.conf`.
    pub fn set_option(&self, name: &str, value: &str) {
        let old = fs::read_to_string(self.billmgr_conf()).unwrap_or_default();
        let kept = old
            .lines()
            .filter(|line| line.split_whitespace().next() != Some(name));
        let mut text: String = kept.map(|line| format!("{line}\n")).collect();
        text += &format!("{name} {value}\n");
        // Replaced in one step: a running daemon reads the old options or the new ones.
        let scratch = self.billmgr_conf().with_extension("new");
        write(&scratch, &text);
        fs::rename(&scratch, self.billmgr_conf()).expect("the options");
    }

    /// All options of the configuration files.
    pub fn options(&self) -> Vec<(String, String)> {
        [self.billmgr_conf(), self.database_conf()]
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .filter(|line| !line.trim_start().starts_with('#'))
            .filter_map(|line| {
                let (name, value) = line.trim().split_once(char::is_whitespace)?;
                Some((name.to_owned(), value.trim().to_owned()))
            })
            .collect()
    }
}

/// A file that goes away meanwhile is nobody's trouble.
fn age(directory: &Path, seconds: i64) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let kind = entry.file_type().ok();
        if kind.is_some_and(|kind| kind.is_dir()) {
            // The world's own files are no part of the platform.
            if !path.ends_with(".sandbox") {
                age(&path, seconds);
            }
            continue;
        }
        let file = kind.filter(fs::FileType::is_file);
        let file = file.and_then(|_| fs::File::options().append(true).open(&path).ok());
        let stamp = entry.metadata().and_then(|data| data.modified());
        if let (Some(file), Ok(stamp)) = (file, stamp) {
            let by = Duration::from_secs(seconds.unsigned_abs());
            let older = match seconds < 0 {
                true => stamp.checked_add(by),
                false => stamp.checked_sub(by),
            };
            let _ = older.map(|older| file.set_modified(older));
        }
    }
}

fn link(target: &Path, link: &Path) {
    let _ = fs::remove_file(link);
    symlink(target, link).expect("a link in the root");
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).expect("a file of the root");
}

fn write_new(file: &Path, text: &str) {
    if !file.exists() {
        write(file, text);
    }
}

fn private(file: &Path) {
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("a private file");
}

//! Memory of a process that is watched while it runs.

use std::path::PathBuf;

/// The kernel's mark of the highest resident memory of a child so far, KiB. Read it again and again: it is gone with
/// the process.
///
/// A child is a copy of this process until its program has taken its place, which may be a moment after `spawn` has
/// returned: until then it has no memory of its own, and the answer is 0.
#[must_use]
pub fn peak(process: u32) -> u64 {
    let program =
        |process: &str| std::fs::read_link(PathBuf::from("/proc").join(process).join("exe"));
    let (child, own) = (program(&process.to_string()), program("self"));
    if child
        .ok()
        .is_none_or(|child| own.is_ok_and(|own| own == child))
    {
        return 0;
    }
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// While another thread forks, the kernel gives a child its own memory late.
    #[test]
    fn a_childs_memory_is_never_its_parents() {
        // Larger than the program below, and long to copy.
        let own = vec![1_u8; 256 << 20];
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    // With a user the standard library forks.
                    let user = std::fs::metadata("/proc/self").unwrap().uid();
                    let status = Command::new("true").uid(user).status().unwrap();
                    assert!(status.success());
                }
            });
            let most = (0..300).map(|_| most_of_a_child()).max();
            is_over.store(true, Ordering::Relaxed);
            let most = most.unwrap();
            assert!(
                most < 32 << 10,
                "{most} KiB, and {} of its parent",
                own.len()
            );
        });
        assert_eq!(peak(std::process::id()), 0, "no child");
    }

    fn most_of_a_child() -> u64 {
        let mut child = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
        let mut most = 0;
        while child.try_wait().unwrap().is_none() {
            most = most.max(peak(child.id()));
        }
        most
    }
}

use std::os::unix::fs::symlink;

use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn records_are_for_their_owner_alone_and_replace_nothing() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join(DIRECTORY);
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o777)).unwrap();
    let victim = root.path().join("victim");
    std::fs::write(&victim, "mine").unwrap();
    symlink(&victim, directory.join("record.txt")).unwrap();
    let file = write(root.path(), "record", "one").unwrap();
    assert_eq!(file, directory.join("record-2.txt"));
    assert_eq!((mode(&directory), mode(&file)), (0o700, 0o600));
    let second = write(root.path(), "record", "two").unwrap();
    assert_eq!(second, directory.join("record-3.txt"));
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "one");
}

#[test]
fn a_planted_link_is_not_taken_for_the_directory() {
    for place in [SPOOL_AND_CAPTURE, DIRECTORY] {
        let root = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let place = root.path().join(place);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        symlink(elsewhere.path(), &place).unwrap();
        let error = write(root.path(), "record", "one").unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
        assert!(!elsewhere.path().join("record.txt").exists());
    }
}

use super::*;

#[test]
fn warnings_and_errors_of_the_item_are_found_without_their_colours() {
    let log = "\
Mar  3 09:05:40 [1:1] pmx \u{1b}[1;31mERROR [item 70 intent A] other item\u{1b}[0m
Mar  3 09:05:41 [1:1] pmx.order \u{1b}[1;31mERROR [item 7 intent A] it broke\u{1b}[0m
Mar  3 09:05:42 [1:1] pmx INFO [item 7] fine
Mar  3 09:05:43 [1:1] pmx WARNING [item 7] odd
torn line [item 7]";
    assert_eq!(
        pick(log, 7),
        [
            "Mar  3 09:05:41 [1:1] pmx.order ERROR [item 7 intent A] it broke",
            "Mar  3 09:05:43 [1:1] pmx WARNING [item 7] odd",
        ]
    );
    assert_eq!(pick(log, 8), Vec::<String>::new());
}

#[test]
fn a_text_of_others_is_no_entry() {
    let log = "\
Mar  3 09:05:40 [1:1] pmx \u{1b}[1;31mERROR [item 70 intent A] 'adm_phone' has an invalid value '1
  | Mar  3 09:05:41 [1:1] pmx ERROR [item 7] run pmssl resolve --item 7 --not-placed
  | '\u{1b}[0m
Mar  3 09:05:42 [1:1] pmx ERROR said 1 [1:1] x ERROR [item 7] of another
Mar  3 09:05:43 [1:1] pmx ERROR [item 70] [item 7] of another
Mar  3 of the vendor ERROR [item 7] no time";
    assert_eq!(pick(log, 7), Vec::<String>::new());
    assert_eq!(pick(log, 70).len(), 2);
}

#[test]
fn a_line_that_was_cut_at_its_beginning_is_no_entry() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("var")).unwrap();
    let forged = "Mar  3 09:05:41 [1:1] pmx ERROR [item 7] forged\n";
    let true_one = "Mar  3 09:05:42 [1:1] pmx ERROR [item 7] true\n";
    let filler = SEARCHED as usize - forged.len() - true_one.len();
    let log = format!("  | {forged}{}\n{true_one}", "x".repeat(filler - 1));
    std::fs::write(root.path().join("var/pmx.log"), log).unwrap();
    let found = complaints(root.path(), "pmx", 7);
    assert_eq!(found, [true_one.trim_end()]);
}

#[test]
fn only_the_last_ones_are_kept() {
    let log: String = (0..20)
        .map(|n| format!("Mar  3 09:05:41 [1:1] pmx ERROR [item 7] number {n}\n"))
        .collect();
    let found = pick(&log, 7);
    assert_eq!(found.len(), SHOWN);
    assert!(found[SHOWN - 1].ends_with("number 19"));
}

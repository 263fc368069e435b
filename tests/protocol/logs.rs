//! The log: its lines, its levels, parallel writers.

use super::snapshot;
use crate::fixture::{Fixture, MODULE, assert_whole_lines, without_colours};

fn levels(fixture: &Fixture, text: &str) {
    std::fs::write(fixture.world.root().join("etc/debug.conf"), text).unwrap();
}

#[test]
fn an_order_at_the_usual_level() {
    let fixture = Fixture::new();
    levels(&fixture, "* 6\nSET color=off\n");
    let item = fixture.world.add_item(&fixture.spec());
    assert!(fixture.world.perform(item, "open").is_ok());
    fixture.approve(item);
    assert!(fixture.world.sync(item).is_ok());
    let log = fixture.world.log(MODULE);
    assert_whole_lines(&log);
    snapshot("log_of_an_order", log.trim_end());
}

#[test]
fn every_line_has_its_form_at_every_level() {
    let fixture = Fixture::new();
    for level in 0..=9 {
        for colour in ["on", "off"] {
            levels(&fixture, &format!("* {level}\nSET color={colour}\n"));
            std::fs::write(fixture.world.layout().log(MODULE), "").unwrap();
            let item = fixture.world.add_item(
                &fixture
                    .spec()
                    .name(&format!("l{level}-{colour}.example.com")),
            );
            assert!(fixture.world.perform(item, "open").is_ok());
            let log = fixture.world.log(MODULE);
            assert_whole_lines(&log);
            assert_eq!(
                log.contains('\x1b'),
                colour == "on" && level > 4,
                "level {level}: {log}"
            );
            assert_eq!(without_colours(&log).contains(" DEBUG "), level == 9);
            let about = format!("[item {item}");
            assert_eq!(log.contains(&about), level > 4, "level {level}");
        }
    }
}

#[test]
fn parallel_writers_leave_whole_lines() {
    let fixture = Fixture::new();
    levels(&fixture, "* 9\n");
    let items: Vec<u64> = (0..6)
        .map(|n| {
            fixture
                .world
                .add_item(&fixture.spec().name(&format!("p{n}.example.com")))
        })
        .collect();
    let operations: Vec<u64> = items
        .iter()
        .map(|item| fixture.world.queue(*item, "open"))
        .collect();
    std::thread::scope(|scope| {
        for operation in &operations {
            scope.spawn(|| assert!(fixture.world.run(*operation).is_ok()));
        }
    });
    let log = fixture.world.log(MODULE);
    assert_whole_lines(&log);
    for item in items {
        assert!(
            log.contains(&format!("[item {item} ")),
            "item {item} is not in the log"
        );
    }
    fixture.assert_sound();
}

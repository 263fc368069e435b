//! The log: its lines, its levels, parallel writers.

use super::snapshot;
use crate::scene::{MODULE, Scene, assert_whole_lines, without_colours};

fn levels(scene: &Scene, text: &str) {
    std::fs::write(scene.world.root().join("etc/debug.conf"), text).unwrap();
}

#[test]
fn an_order_at_the_usual_level() {
    let scene = Scene::new();
    levels(&scene, "* 6\nSET color=off\n");
    let item = scene.world.add_item(&scene.spec());
    assert!(scene.world.perform(item, "open").is_ok());
    scene.approve(item);
    assert!(scene.world.sync(item).is_ok());
    let log = scene.world.log(MODULE);
    assert_whole_lines(&log);
    snapshot("log_of_an_order", log.trim_end());
}

#[test]
fn every_line_has_its_form_at_every_level() {
    let scene = Scene::new();
    for level in 0..=9 {
        for colour in ["on", "off"] {
            levels(&scene, &format!("* {level}\nSET color={colour}\n"));
            std::fs::write(scene.world.layout().log(MODULE), "").unwrap();
            let item = scene
                .world
                .add_item(&scene.spec().name(&format!("l{level}-{colour}.example.com")));
            assert!(scene.world.perform(item, "open").is_ok());
            let log = scene.world.log(MODULE);
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
    let scene = Scene::new();
    levels(&scene, "* 9\n");
    let items: Vec<u64> = (0..6)
        .map(|n| {
            scene
                .world
                .add_item(&scene.spec().name(&format!("p{n}.example.com")))
        })
        .collect();
    let operations: Vec<u64> = items
        .iter()
        .map(|item| scene.world.queue(*item, "open"))
        .collect();
    std::thread::scope(|scope| {
        for operation in &operations {
            scope.spawn(|| assert!(scene.world.run(*operation).is_ok()));
        }
    });
    let log = scene.world.log(MODULE);
    assert_whole_lines(&log);
    for item in items {
        assert!(
            log.contains(&format!("[item {item} ")),
            "item {item} is not in the log"
        );
    }
    scene.assert_sound();
}

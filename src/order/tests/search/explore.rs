//! All runs of a scene, depth first. A run cannot be copied, so that a branch is reached by running its choices again
//! in a new world; a state that was seen is not gone on from.

use std::collections::HashSet;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::machine::{Choice, Machine};
use super::scenes::Scene;
use super::supplies::Supplies;

/// What a search came to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Figures {
    pub(super) states: usize,
    pub(super) runs: usize,
    pub(super) ends: usize,
    pub(super) depth: usize,
}

impl Figures {
    pub(super) fn add(&mut self, more: Self) {
        self.states += more.states;
        self.runs += more.runs;
        self.ends += more.ends;
        self.depth = self.depth.max(more.depth);
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            states,
            runs,
            ends,
            depth,
        } = self;
        write!(
            f,
            "{states} states, {ends} ends, {runs} runs, {depth} steps deep"
        )
    }
}

/// A broken rule with the way to it.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) rule: String,
    pub(super) path: Vec<String>,
}

/// A choice and those before it.
struct Step {
    before: Option<Rc<Step>>,
    choice: Choice,
}

fn way(step: Option<&Rc<Step>>) -> Vec<Choice> {
    let mut choices = Vec::new();
    let mut at = step;
    while let Some(step) = at {
        choices.push(step.choice);
        at = step.before.as_ref();
    }
    choices.reverse();
    choices
}

/// Searches a scene to its end, or to the first broken rule.
pub(super) fn search(scene: &Rc<Scene>, supplies: &Arc<Supplies>) -> (Figures, Option<Broken>) {
    // Written and read thousands of times: in memory where there is such a place.
    let memory = Path::new("/dev/shm");
    let home = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    let home = home.unwrap();
    let place = home.path().join("run");
    let mut figures = Figures::default();
    let mut seen = HashSet::new();
    let mut open: Vec<Option<Rc<Step>>> = vec![None];
    while let Some(mut last) = open.pop() {
        let mut machine = Machine::new(scene, supplies, &place);
        let begun = way(last.as_ref());
        let mut depth = begun.len();
        for choice in begun {
            machine.act(choice);
        }
        figures.runs += 1;
        loop {
            if !seen.insert(machine.mark()) {
                break;
            }
            figures.states += 1;
            figures.depth = figures.depth.max(depth);
            let choices = machine.choices();
            if let Some(rule) = machine.broken(choices.is_empty()) {
                let path = retell(scene, supplies, &way(last.as_ref()));
                return (figures, Some(Broken { rule, path }));
            }
            let Some((first, others)) = choices.split_first() else {
                figures.ends += 1;
                break;
            };
            let step = |choice: Choice| {
                Some(Rc::new(Step {
                    before: last.clone(),
                    choice,
                }))
            };
            open.extend(others.iter().map(|choice| step(*choice)));
            let next = step(*first);
            machine.act(*first);
            depth += 1;
            last = next;
        }
        drop(machine);
        if place.exists() {
            std::fs::remove_dir_all(&place).unwrap();
        }
    }
    (figures, None)
}

fn retell(scene: &Rc<Scene>, supplies: &Arc<Supplies>, choices: &[Choice]) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let mut machine = Machine::new(scene, supplies, home.path());
    let told = choices.iter().map(|choice| {
        let text = machine.tell(*choice);
        machine.act(*choice);
        text
    });
    told.collect()
}

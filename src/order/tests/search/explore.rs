//! All states of a scenario, depth first; a state that was seen is not gone on from.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use super::cache::CommandCache;
use super::machine::{Choice, Machine};
use super::scenarios::Scenario;
use super::supplies::Supplies;

/// A scenario that grows beyond this is too large to be searched to its end, and fails.
const MOST_STATES: usize = 4_000_000;

/// What a search came to.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Figures {
    pub(super) states: usize,
    /// Choices that were tried.
    pub(super) tried: usize,
    pub(super) ends: usize,
    pub(super) depth: usize,
    /// Steps for which a command had to run, because nothing like them had been met.
    pub(super) polls: usize,
}

impl Figures {
    pub(super) fn add(&mut self, more: Self) {
        self.states += more.states;
        self.tried += more.tried;
        self.ends += more.ends;
        self.depth = self.depth.max(more.depth);
        self.polls += more.polls;
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            states,
            tried,
            ends,
            depth,
            polls,
        } = self;
        write!(
            f,
            "{states} states, {ends} ends, {tried} choices tried, {polls} steps of commands, {depth} steps deep"
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
    depth: usize,
}

fn choices_to(step: Option<&Rc<Step>>) -> Vec<Choice> {
    let mut choices = Vec::new();
    let mut at = step;
    while let Some(step) = at {
        choices.push(step.choice);
        at = step.before.as_ref();
    }
    choices.reverse();
    choices
}

/// A choice that was not tried yet.
struct Untried {
    from: Rc<Machine>,
    step: Rc<Step>,
}

/// Searches a scenario to its end, or to the first broken rule.
pub(super) fn search(scenario: &Scenario, supplies: &Arc<Supplies>) -> (Figures, Option<Broken>) {
    let scenario = &Rc::new(scenario.clone());
    let mut cache = CommandCache::new(scenario);
    let mut figures = Figures::default();
    let mut seen = HashSet::new();
    let mut open: Vec<Untried> = Vec::new();
    let mut next = Some((Machine::new(scenario, supplies), None));
    while let Some((machine, last)) = next {
        if seen.insert(machine.mark()) {
            figures.states += 1;
            assert!(
                figures.states <= MOST_STATES,
                "{} ({:?}) has more than {MOST_STATES} states: narrow its bounds",
                scenario.name,
                scenario.kind
            );
            let choices = machine.choices();
            if let Some(rule) = machine.broken(&mut cache, choices.is_empty()) {
                let path = retell(scenario, supplies, &mut cache, &choices_to(last.as_ref()));
                return (figures, Some(Broken { rule, path }));
            }
            figures.ends += usize::from(choices.is_empty());
            let from = Rc::new(machine);
            let depth = last.as_ref().map_or(0, |step: &Rc<Step>| step.depth) + 1;
            figures.depth = figures.depth.max(depth - 1);
            open.extend(choices.into_iter().rev().map(|choice| Untried {
                from: Rc::clone(&from),
                step: Rc::new(Step {
                    before: last.clone(),
                    choice,
                    depth,
                }),
            }));
        }
        next = open.pop().map(|Untried { from, step }| {
            figures.tried += 1;
            let mut machine = Rc::unwrap_or_clone(from);
            machine.act(step.choice, &mut cache);
            (machine, Some(step))
        });
        figures.polls = cache.polls;
    }
    (figures, None)
}

fn retell(
    scenario: &Rc<Scenario>,
    supplies: &Arc<Supplies>,
    cache: &mut CommandCache,
    choices: &[Choice],
) -> Vec<String> {
    let mut machine = Machine::new(scenario, supplies);
    let told = choices.iter().map(|choice| {
        let text = machine.tell(*choice);
        machine.act(*choice, cache);
        text
    });
    told.collect()
}

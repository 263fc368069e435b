use super::*;

#[test]
fn nothing_that_may_have_been_bought_is_left_to_be_bought_again() {
    let facts = |has_intent, has_order, trace, tried, known_product| Facts {
        has_intent,
        has_order,
        trace,
        tried,
        known_product,
    };
    let settled = Next::Settled;
    for (facts, next) in [
        (facts(true, false, None, true, true), settled(Fate::Ours)),
        (
            facts(false, true, Some("R"), true, true),
            settled(Fate::Found),
        ),
        (
            facts(false, true, None, false, false),
            settled(Fate::OtherProduct),
        ),
        (facts(false, false, Some("R"), true, true), Next::LookUp),
        (facts(false, false, Some("R"), false, false), Next::LookUp),
        (facts(false, false, None, true, true), settled(Fate::Handed)),
        (
            facts(false, false, None, true, false),
            settled(Fate::Handed),
        ),
        (
            facts(false, false, None, false, true),
            settled(Fate::NotOrdered),
        ),
        (
            facts(false, false, None, false, false),
            settled(Fate::OtherProduct),
        ),
    ] {
        assert_eq!(judge(facts), next, "{facts:?}");
    }
}

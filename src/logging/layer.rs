//! From `tracing` events to lines.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::{Component, Level};

/// Where events of other crates are filed, by the beginning of their target.
const FOREIGN: &[(&str, Component)] = &[
    ("hickory", Component::Http),
    ("hyper", Component::Http),
    ("reqwest", Component::Http),
    ("rustls", Component::Http),
    ("sqlx", Component::Database),
];

/// Fields of other crates' events that are not written: statements may carry values.
const LEFT_OUT: &[&str] = &["db.statement"];

/// Writes events to the log of this process.
pub(super) struct LogLayer;

impl<S: Subscriber> Layer<S> for LogLayer {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Other crates speak at warnings and above only; this is asked once per place.
        if is_ours(metadata) || *metadata.level() <= tracing::Level::WARN {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields {
            own: is_ours(metadata),
            ..Fields::default()
        };
        event.record(&mut fields);
        let level = fields
            .level
            .and_then(Level::from_number)
            .unwrap_or_else(|| Level::of(*metadata.level()));
        let component = component(metadata.target());
        if super::enabled(component, level) {
            fields.message.push_str(&fields.others);
            super::write(component, level, &fields.message);
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().split([':', '.']).next() == Some(super::TARGET)
}

fn component(target: &str) -> Component {
    Component::ALL
        .into_iter()
        .find(|component| component.target() == target)
        .or_else(|| {
            FOREIGN
                .iter()
                .find(|(prefix, _)| target.starts_with(prefix))
                .map(|(_, component)| *component)
        })
        .unwrap_or(Component::Main)
}

#[derive(Default)]
struct Fields {
    own: bool,
    level: Option<u64>,
    message: String,
    /// ` name=value` of every other field.
    others: String,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if self.own && field.name() == "panel" {
            self.level = Some(value);
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a String cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if LEFT_OUT.contains(&name) => Ok(()),
            name => write!(self.others, " {name}={value:?}"),
        };
    }
}

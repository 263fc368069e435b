//! `pmssl resolve`: a person settles an order whose outcome is unknown (design, section 1).

use std::cell::RefCell;
use std::path::Path;

use crate::ca::{Placed, Reach};
use crate::cli;
use crate::commands::{self, Context};
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::module;
use crate::order::Desk;
use crate::platform::Platform;
use crate::platform::billmanager::BillManager;

/// Arguments of `pmssl resolve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Look in the vendor's panel first: search for the intent key that the message or log names.\n\n\
  pmssl resolve --item 7                       show what is known, change nothing\n  \
  pmssl resolve --item 7 --adopt 7700123 --yes the order exists: take it over\n  \
  pmssl resolve --item 7 --not-placed --yes    nothing was bought: allow a new attempt")]
pub(super) struct Arguments {
    /// Service id in the platform.
    #[arg(long)]
    item: u64,
    /// The vendor's order number, as its panel shows it.
    #[arg(long, conflicts_with = "not_placed")]
    adopt: Option<String>,
    /// Nothing was bought.
    #[arg(long)]
    not_placed: bool,
    /// Do it; without this the evidence is shown only.
    #[arg(long)]
    yes: bool,
}

/// What the person decided.
enum Verdict {
    Show,
    Adopt(VendorOrderId),
    NotPlaced,
}

/// Shows the evidence and, with `--yes`, settles.
pub(super) fn run(program: &Path, arguments: &Arguments) -> Result<String, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Reason::Internal).because(error))?;
    runtime.block_on(resolve(program, arguments))
}

async fn resolve(program: &Path, arguments: &Arguments) -> Result<String, Failure> {
    let root = cli::platform_root(program);
    let item = ItemId(arguments.item);
    // Any module's name serves to find out which one the service belongs to.
    let finder = BillManager::new(root.clone(), module::MODULES[0]);
    let owner = finder.service(item).await?.module.unwrap_or_default();
    let module = module::by_name(&owner).ok_or_else(|| {
        Failure::field(Reason::ForeignModule, format!("service {item}")).value(&owner)
    })?;
    crate::logging::start(&crate::logging::Start {
        root: &root,
        module: module.name,
    });
    let platform = BillManager::new(root.clone(), module);
    let context = Context {
        module,
        clock: crate::run::clock(),
        reach: Reach {
            overrides: Some(commands::overrides(&root, module)),
            ..commands::reach(&platform)
        },
        platform: &platform,
        root,
        arguments: cli::Arguments::default(),
        input: String::new(),
        account: RefCell::new(None),
    };
    let verdict = match (&arguments.adopt, arguments.not_placed, arguments.yes) {
        (_, _, false) => Verdict::Show,
        (Some(order), _, true) => Verdict::Adopt(VendorOrderId::new(order.trim())),
        (None, true, true) => Verdict::NotPlaced,
        (None, false, true) => return Err(cli::missing("--adopt or --not-placed")),
    };
    commands::with_desk(&context, item, async |desk, _| settle(desk, verdict).await).await
}

async fn settle(desk: &mut Desk<'_>, verdict: Verdict) -> Result<String, Failure> {
    let evidence = evidence(desk);
    let who = std::env::var("SUDO_USER")
        .or_else(|_| std::env::var("USER"))
        .unwrap_or_else(|_| "unknown".into());
    let done = match verdict {
        Verdict::Show => {
            "nothing was changed; add --adopt ORDER or --not-placed, and --yes".to_owned()
        }
        Verdict::Adopt(order) => {
            log!(Order, Warning, "{who} settles: order {order} is the one");
            let placed = Placed {
                order,
                references: Vec::new(),
                validation: Vec::new(),
                remark: None,
            };
            desk.adopt_by_person(&placed).await?;
            format!(
                "order {} is taken over; run the operation again to finish it",
                placed.order
            )
        }
        Verdict::NotPlaced => {
            log!(Order, Warning, "{who} settles: nothing was bought");
            desk.reject_by_person().await?;
            "settled: nothing was bought; run the operation again to order".to_owned()
        }
    };
    Ok(format!("{evidence}{done}\n"))
}

fn evidence(desk: &Desk<'_>) -> String {
    match desk.intent() {
        Some(intent) => format!(
            "intent:  {} ({}, attempt {})\nstate:   {}\nsince:   {}\norder:   {}\n",
            intent.key,
            intent.operation.word(),
            intent.attempt,
            intent.state.word(),
            intent.since.to_rfc3339(),
            desk.order_number()
                .map_or_else(|| "none".to_owned(), |order| order.to_string()),
        ),
        None => "the service has no intent\n".to_owned(),
    }
}

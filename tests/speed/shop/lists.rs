//! What lists of the whole shop cost, as an administrator's terminal and a collector see them.

use std::time::Duration;

use super::super::figures::{Table, mebibytes};
use super::super::launch::cost_of_printing;
use super::{MEMORY, Report, Shop};

/// Time to the first byte. What collectors read is one text, which is printed whole.
const FIRST: Duration = Duration::from_secs(1);

/// Time to the last one, for each 100 000 certificates.
const WHOLE: u64 = 10;

impl Shop {
    pub(super) fn lists(&self, items: u64, report: &mut Report) {
        println!("### Lists\n");
        let account = self.patterns[0].account.to_string();
        let lists: [(&str, &[&str], bool); 5] = [
            ("orders", &["orders"], true),
            ("orders --json", &["orders", "--json"], true),
            ("doctor", &["doctor"], true),
            (
                "plan --module, a fifth of all",
                &["plan", "--module", &account],
                true,
            ),
            ("metrics", &["metrics"], false),
        ];
        let whole = Duration::from_secs(WHOLE * items.div_ceil(100_000));
        let mut table = Table::new(&[
            "list",
            "first byte s",
            "s",
            "rows read",
            "database s",
            "peak MiB",
        ]);
        for (name, words, streams) in lists {
            let ((cost, first), work) = self.work_of(|| cost_of_printing(&mut self.command(words)));
            // The doctor's exit code tells what it has found.
            let first = first.unwrap_or_else(|| panic!("{name} prints nothing"));
            table.add([
                name.to_owned(),
                seconds(first),
                seconds(cost.wall),
                work.rows.to_string(),
                seconds(work.time),
                mebibytes(cost.memory * 1024),
            ]);
            let begins = !streams || first <= FIRST;
            let allowed = match streams {
                true => format!("64 MiB, {} s, {} s", FIRST.as_secs(), whole.as_secs()),
                false => format!("64 MiB, {} s", whole.as_secs()),
            };
            report.budgets.add(
                &format!("{name}: memory, first byte, whole"),
                &allowed,
                &format!(
                    "{} MiB, {} s, {} s",
                    mebibytes(cost.memory * 1024),
                    seconds(first),
                    seconds(cost.wall)
                ),
                cost.memory <= MEMORY && begins && cost.wall <= whole,
            );
        }
        table.print();
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64())
}

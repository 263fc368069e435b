//! A person settles what nobody else can.

use super::stage::tool;
use crate::sandbox::World;

/// What a person found in the vendor's books, told the product: the order, or that nothing was bought.
pub fn resolve(world: &World, item: u64, order: Option<&str>) -> Result<(), String> {
    let item = item.to_string();
    let mut arguments = vec!["resolve", "--item", &item, "--yes"];
    match order {
        Some(order) => arguments.extend(["--adopt", order]),
        None => arguments.push("--not-placed"),
    }
    let output = tool(world, &arguments).output().expect("the product");
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{arguments:?}: {output:?}")),
    }
}

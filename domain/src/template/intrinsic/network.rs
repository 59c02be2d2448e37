//! `Fn::Cidr` and `Fn::GetAZs`.

use super::reference::pseudo;
use crate::template::cidr;
use crate::template::evaluate::{Evaluator, Place, Reported};
use crate::template::node::Node;
use crate::template::symbol::Symbol;
use crate::template::value::Value;

pub(super) fn cidr(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    let [block_node, count_node, bits_node] = e.arguments(
        argument,
        "Fn::Cidr: [address block, count, host bits]",
        &[3],
    )?
    else {
        return Err(Reported);
    };
    let block = e.text(block_node, "the address block of Fn::Cidr")?;
    let count = e.text(count_node, "the count of Fn::Cidr")?;
    let bits = e.text(bits_node, "the host bits of Fn::Cidr")?;
    let (Value::String(block), Value::String(count), Value::String(bits)) = (&block, &count, &bits)
    else {
        return Ok(Symbol::Cidr { block, count, bits }.into());
    };
    let Ok(number) = count.parse() else {
        return Err(e.report(
            count_node.at,
            format!("the count of Fn::Cidr is `{count}`; it must be a number from 1 to 256."),
        ));
    };
    let Ok(host_bits) = bits.parse() else {
        return Err(e.report(
            bits_node.at,
            format!("the host bits of Fn::Cidr are `{bits}`; they must be a number."),
        ));
    };
    match cidr::split(block, number, host_bits) {
        Ok(blocks) => {
            e.spend(128 * blocks.len(), argument.at)?;
            Ok(Value::List(blocks.into_iter().map(Value::String).collect()))
        }
        Err(message) => Err(e.report(argument.at, message)),
    }
}

/// Which zones a region has, and which of them the account's default subnets are in, only AWS knows.
pub(super) fn get_azs(e: &mut Evaluator<'_>, argument: &Node) -> Result<Value, Reported> {
    if matches!(e.place, Place::Conditions | Place::Loop) {
        return Err(e.report(
            argument.at,
            "Fn::GetAZs is not known before deployment, so it can't stand here.",
        ));
    }
    let region = match e.text(argument, "the region of Fn::GetAZs")? {
        Value::String(region) if region.is_empty() => {
            pseudo("AWS::Region", e.context.region.as_deref())
        }
        region => region,
    };
    Ok(Symbol::Zones(region).into())
}

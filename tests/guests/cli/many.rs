//! Flows whose graphs are compared before and after they run: many calls, and each way of combining them.

use headwater_sdk::prelude::*;

#[task]
fn step(text: String) -> Result<String> {
    Ok(text)
}

#[task]
fn alarm(text: String) -> Result<()> {
    println!("{text}");
    Ok(())
}

#[task]
fn parts(text: String) -> Result<Vec<String>> {
    Ok(text.split(' ').map(str::to_owned).collect())
}

#[flow]
async fn below(text: String) -> Result<String> {
    let first = step(text).submit();
    step(&first).named("and again").await
}

/// Maps over a list and over a result, children of a map, a loop, a join within a join.
#[flow]
async fn combined(#[default("one two three")] text: String) -> Result<()> {
    let list = parts(text).submit();
    let mapped = step::map(&list).submit();
    below::map(vec!["x", "y"]).await?;
    for part in (&list).await? {
        step(part).named("in a loop").await?;
    }
    let left = async { try_join!(step("a"), alarm("b")) };
    try_join!(left, below("c"))?;
    mapped.await?;
    Ok(())
}

/// A hundred calls: layers of joins, then a sequence, then many at once.
#[flow]
async fn hundred() -> Result<()> {
    let mut layer = vec![step("begin").named("begin with something that has a long name").submit()];
    for depth in 0..8_usize {
        let mut next = Vec::new();
        for place in 0..6_usize {
            let upstream = &layer[(place * 7 + depth * 3) % layer.len()];
            let other = &layer[(place + depth) % layer.len()];
            let call = step(upstream).named(format!("layer {depth}, place {place}")).after(other);
            next.push(call.submit());
        }
        layer = next;
    }
    let mut last = step(&layer[0]).named("gather").after(&layer[1]).after(&layer[2]).submit();
    for round in 0..20 {
        last = step(&last).named(format!("polish {round}")).submit();
    }
    let many: Vec<_> = (0..30).map(|_| step(&last).submit()).collect();
    let mut end = alarm("over");
    for one in &many {
        end = end.after(one);
    }
    end.await?;
    for one in many {
        one.await?;
    }
    Ok(())
}

headwater_sdk::component!();

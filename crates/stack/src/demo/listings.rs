//! What the people of the demo offer and look for, `listings.txt`: one listing a line, its columns between bars.

use serde_json::{Value, json};

use super::PEOPLE;
use crate::error::{Error, Result};

const TABLE: &str = include_str!("listings.txt");
/// Categories, which no service owns: the place in this list makes the id.
const CATEGORIES: [&str; 11] = [
    "furniture",
    "electronics",
    "books",
    "bicycles",
    "music",
    "garden",
    "services",
    "flats",
    "children",
    "sport",
    "clothes",
];
/// Places, likewise.
const PLACES: [&str; 5] = ["Vienna", "Graz", "Linz", "Salzburg", "Innsbruck"];

/// One listing.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) owner: &'static str,
    pub(super) title: &'static str,
    /// As it is sent.
    pub(super) body: Value,
}

/// Reads the table.
pub(super) fn read() -> Result<Vec<Offer>> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let wrong = |line| Error::new(format!("the demo's listings are wrong here: {line}"));
    lines.map(|line| offer(line).ok_or_else(|| wrong(line))).collect()
}

fn offer(line: &'static str) -> Option<Offer> {
    let columns: Vec<&'static str> = line.split(" | ").collect();
    let &[owner, category, place, listing_type, condition, price, status, title, description] =
        columns.as_slice()
    else {
        return None;
    };
    let price = price.split_once(' ');
    let body = json!({
        "title": title,
        "description": description,
        "price": price.map(|(amount, _)| amount.parse::<f64>()).transpose().ok()?,
        "currency": price.map(|(_, currency)| currency),
        "attributes": { "category": category, "place": place },
        "categoryId": id(1, &CATEGORIES, category)?,
        "locationId": id(2, &PLACES, place)?,
        "condition": Some(condition).filter(|word| *word != "-"),
        "listingType": listing_type,
        "status": status,
        "contactEmail": format!("{owner}@example.com"),
    });
    PEOPLE.iter().any(|person| person.name == owner).then_some(Offer { owner, title, body })
}

/// The same id each time for the same name.
fn id(list: u8, names: &[&str], name: &str) -> Option<String> {
    let place = names.iter().position(|known| *known == name)?;
    Some(format!("0193517c-6c{list:02x}-7e63-9f7a-{place:012x}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_can_be_read() {
        let offers = read().expect("a table");
        let different = |field: &str| {
            offers.iter().map(|offer| offer.body[field].to_string()).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(offers.len(), 60);
        assert_eq!((different("categoryId"), different("locationId")), (CATEGORIES.len(), PLACES.len()));
        assert_eq!((different("listingType"), different("title")), (4, 60));
        for person in &PEOPLE {
            assert_eq!(
                offers.iter().filter(|offer| offer.owner == person.name).count(),
                10,
                "{}",
                person.name
            );
        }
    }
}

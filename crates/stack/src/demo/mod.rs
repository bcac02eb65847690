//! Demo data: six people, what they said to one another and have read, what they offer, and a company that two of
//! them answer for, made through the public API.

mod api;
mod listings;
mod script;
mod support;

use std::collections::HashMap;

use serde::Serialize;

use crate::child::our_command;
use crate::environment::Environment;
use crate::error::{Context, Error, Result};
use crate::stack::Stack;

use api::{Api, Visitor};
use listings::Offer;
use script::{Dialogue, Step};

/// Somebody of the demo.
#[derive(Debug)]
pub(crate) struct Person {
    /// What the others call them, and the first part of their address.
    pub(crate) name: &'static str,
    /// What the system calls them.
    pub(crate) fullname: &'static str,
    /// What they may do.
    pub(crate) role: &'static str,
}

/// Everybody of the demo.
pub(crate) const PEOPLE: [Person; 6] = [
    Person { name: "ada", fullname: "Ada Lindqvist", role: "admin" },
    Person { name: "ben", fullname: "Ben Okafor", role: "user" },
    Person { name: "chloe", fullname: "Chloé Martin", role: "user" },
    Person { name: "dev", fullname: "Dev Raman", role: "user" },
    Person { name: "emma", fullname: "Emma Köhler", role: "user" },
    Person { name: "farid", fullname: "Farid Haddad", role: "user" },
];

impl Person {
    /// Their e-mail address.
    pub(crate) fn email(&self) -> String {
        format!("{}@example.com", self.name)
    }
}

/// Their password, of this environment of this stack only.
pub(crate) fn password(stack: &Stack, environment: Environment, person: &Person) -> String {
    stack.layout().secrets.get(&environment.own(&format!("demo/{}", person.name))).to_owned()
}

/// What the demo data is.
#[derive(Debug, Serialize)]
pub(crate) struct Made {
    /// How many conversations.
    pub(crate) conversations: usize,
    /// How many messages.
    pub(crate) messages: usize,
    /// How many listings.
    pub(crate) listings: usize,
    /// How many visitors wrote to the company.
    pub(crate) visitors: usize,
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { conversations, messages, listings, visitors } = self;
        write!(
            f,
            "{conversations} conversations, {messages} messages, {listings} listings, {visitors} visitors of a widget"
        )
    }
}

/// The file whose presence says that the demo data of an environment is there.
fn done(environment: Environment) -> String {
    environment.own("demo") + ".json"
}

/// Whether the demo data of an environment was made.
pub(crate) fn is_there(stack: &Stack, environment: Environment) -> bool {
    stack.home().path(&done(environment)).is_file()
}

/// Makes the demo data of an environment; none when it is there already.
pub(crate) async fn ensure(stack: &Stack, environment: Environment) -> Result<Option<Made>> {
    if is_there(stack, environment) {
        return Ok(None);
    }
    let password = |person: &Person| password(stack, environment, person);
    let made = make(stack.base_url(), Some(stack.host(environment)), password).await?;
    let mut granted = PEOPLE.iter().filter(|person| person.role != "user");
    granted.try_for_each(|person| grant(stack, environment, person))?;
    stack.home().write(&done(environment), &made)?;
    Ok(Some(made))
}

/// Makes the demo data behind the gateway at `url`, asked as `host` if that is not what the URL says. Every step may be repeated, so that what was cut short is finished.
///
/// Roles are not given: that is the operator's (`auth user-role`).
pub(crate) async fn make(
    url: String,
    host: Option<String>,
    password: impl Fn(&Person) -> String,
) -> Result<Made> {
    let api = Api::new(url, host)?;
    let mut visitors = Vec::new();
    for person in &PEOPLE {
        visitors.push(api.sign_in(person, &password(person)).await?);
    }
    let dialogues = script::read()?;
    let mut messages = 0;
    for dialogue in &dialogues {
        messages += play(&api, &visitors, dialogue).await?;
    }
    let listings = offer_all(&api, &visitors).await?;
    let wrote_in = support::open(&api, &visitors).await?;
    Ok(Made { conversations: dialogues.len(), messages, listings, visitors: wrote_in })
}

/// Offers what is not offered yet, by title; how many listings there are then.
async fn offer_all(api: &Api, visitors: &[Visitor]) -> Result<usize> {
    let mut there = HashMap::new();
    for visitor in visitors {
        there.insert(visitor.name, api.titles(visitor).await?);
    }
    let offers = listings::read()?;
    let is_there = |offer: &Offer| there.get(offer.owner).is_some_and(|titles| titles.contains(offer.title));
    for offer in offers.iter().filter(|offer| !is_there(offer)) {
        api.offer(find(visitors, offer.owner)?, &offer.body).await?;
    }
    Ok(offers.len())
}

/// Only an admin may give a role, so the first one comes from the operator.
fn grant(stack: &Stack, environment: Environment, person: &Person) -> Result<()> {
    let layout = stack.layout();
    let mut command = our_command(layout, layout.process(&environment.own("auth"))?)?;
    let output = command.args(["user-role", &person.email(), person.role]).output();
    let output = output.context(|| "cannot run auth")?;
    let said = || Error::new(format!("auth user-role: {}", String::from_utf8_lossy(&output.stderr).trim()));
    output.status.success().then_some(()).ok_or_else(said)
}

/// Plays one dialogue; how many messages were said.
async fn play(api: &Api, visitors: &[Visitor], dialogue: &Dialogue) -> Result<usize> {
    let members: Vec<&Visitor> =
        dialogue.members.iter().map(|name| find(visitors, name)).collect::<Result<_>>()?;
    let conversation = api.open(dialogue.key, &members).await?;
    let mut said = 0;
    for step in &dialogue.steps {
        match step {
            Step::Says { who, text } => {
                said += 1;
                let id = format!("demo-{}-{said}", dialogue.key);
                api.say(find(visitors, who)?, &conversation, text, &id).await?;
            }
            Step::Reads { who } => api.read(find(visitors, who)?, &conversation).await?,
        }
    }
    Ok(said)
}

fn find<'a>(visitors: &'a [Visitor], name: &str) -> Result<&'a Visitor> {
    let unknown = || Error::new(format!("the demo knows no {name}"));
    visitors.iter().find(|visitor| visitor.name == name).ok_or_else(unknown)
}

//! How files behave, on a real Postgres, in a directory or in S3.

#[cfg(test)]
mod access;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod carriers;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod departures;
#[cfg(test)]
mod downloads;
#[cfg(test)]
mod interruptions;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod uploads;

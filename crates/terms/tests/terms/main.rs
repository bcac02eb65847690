//! What is stored of a text, and what is asked for, go together.

#[cfg(test)]
mod postgres;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod texts;

//! Delivery, tried with a real Postgres and a real RabbitMQ: what is announced arrives, takes effect once, and is never
//! lost on the way.

#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod cable;
#[cfg(test)]
mod consumer;
#[cfg(test)]
mod dead_letters;
#[cfg(test)]
mod reactions;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod tap;
#[cfg(test)]
mod troubles;

//! A saga: steps that can be undone. When a later one fails, or somebody cancels the run, what was done is undone in reverse order, and the
//! run ends with what went wrong first.

use headwater_sdk::prelude::*;

/// What was booked. A step that can be undone says what has to be known for that.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    /// What it is.
    pub what: String,
    /// For how much.
    pub cents: u64,
}

/// Books a seat.
#[task(retries = 2, retry_delay = "1s")]
fn book_flight(city: String) -> Result<Booking> {
    booked(format!("a flight to {city}"), 30_000)
}

/// Books a room.
#[task(retries = 2, retry_delay = "1s")]
fn book_hotel(city: String) -> Result<Booking> {
    booked(format!("a room in {city}"), 45_000)
}

/// Books a car.
#[task(retries = 2, retry_delay = "1s")]
fn book_car(city: String) -> Result<Booking> {
    booked(format!("a car in {city}"), 15_000)
}

fn booked(what: String, cents: u64) -> Result<Booking> {
    println!("booked {what}");
    Ok(Booking { what, cents })
}

/// Gives the seat back.
#[task(retries = 5, retry_delay = "1s")]
fn cancel_flight(booking: Booking) -> Result<()> {
    given_back(&booking)
}

/// Gives the room back.
#[task(retries = 5, retry_delay = "1s")]
fn cancel_hotel(booking: Booking) -> Result<()> {
    given_back(&booking)
}

/// Gives the car back.
#[task(retries = 5, retry_delay = "1s")]
fn cancel_car(booking: Booking) -> Result<()> {
    given_back(&booking)
}

fn given_back(booking: &Booking) -> Result<()> {
    println!("gave back {}", booking.what);
    Ok(())
}

/// Pays for everything, if there is money enough.
#[task]
fn pay(bookings: Vec<Booking>, budget_cents: u64) -> Result<u64> {
    let cents = bookings.iter().map(|booking| booking.cents).sum();
    match cents <= budget_cents {
        true => Ok(cents),
        false => Err(Error::terminal(format_args!("the trip costs {cents} cents, and there are {budget_cents}"))),
    }
}

/// A step that was done, and with it how it is undone.
enum Done {
    Flight(Booking),
    Hotel(Booking),
    Car(Booking),
}

impl Done {
    /// Clean-up, as the trigger says: it runs also in a run that is being cancelled, where no other call does.
    fn undo(&self) -> Call<()> {
        let call = match self {
            Done::Flight(booking) => cancel_flight(booking),
            Done::Hotel(booking) => cancel_hotel(booking),
            Done::Car(booking) => cancel_car(booking),
        };
        call.trigger(Trigger::AlwaysRun)
    }
}

/// Books a trip step by step, waits for `hold_s` seconds, as somebody who may think better of it, and pays.
#[flow]
async fn saga(
    #[default("Lisbon")] city: String,
    #[default(100_000)] budget_cents: u64,
    #[default(0)] hold_s: u64,
) -> Result<u64> {
    let mut done = Vec::new();
    let trip = trip(&city, budget_cents, hold_s, &mut done).await;
    if trip.is_err() {
        for step in done.iter().rev() {
            // One that cannot be undone keeps no other from being undone; and what went wrong first stays what the run ends with.
            if let Err(error) = step.undo().await {
                log::error!("a step could not be undone: {error}");
            }
        }
    }
    trip
}

async fn trip(city: &String, budget_cents: u64, hold_s: u64, done: &mut Vec<Done>) -> Result<u64> {
    let flight = book_flight(city).await?;
    done.push(Done::Flight(flight.clone()));
    let hotel = book_hotel(city).await?;
    done.push(Done::Hotel(hotel.clone()));
    let car = book_car(city).await?;
    done.push(Done::Car(car.clone()));
    sleep(Duration::from_secs(hold_s)).await?;
    pay(vec![flight, hotel, car], budget_cents).await
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;

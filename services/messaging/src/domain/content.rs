//! What messages of the several kinds may say.

use serde_json::{Number, Value, json};

use crate::Refusal;

/// The longest address of a page, in characters.
pub const MAX_LINK: usize = 2_000;
/// The longest name of a place, in characters.
pub const MAX_PLACE: usize = 200;

/// A place on earth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Degrees to the north of the equator, -90 to 90, as they came.
    pub lat: Number,
    /// Degrees to the east of Greenwich, -180 to 180, as they came.
    pub lng: Number,
    /// What it is called.
    pub name: Option<String>,
}

impl Location {
    /// The place as it is stored and as `/v1` shows it: JSON text.
    ///
    /// # Errors
    /// It is not on earth: the coordinate that is out of range.
    pub fn text(self) -> Result<String, Refusal> {
        let within =
            |number: &Number, most: f64| number.as_f64().is_some_and(|degrees| degrees.abs() <= most);
        if !within(&self.lat, 90.0) {
            return Err(Refusal::NotOnEarth("lat"));
        }
        if !within(&self.lng, 180.0) {
            return Err(Refusal::NotOnEarth("lng"));
        }
        let mut place = json!({ "lat": self.lat, "lng": self.lng });
        if let (Some(name), Value::Object(fields)) = (self.name, &mut place) {
            fields.insert("name".into(), Value::String(name));
        }
        Ok(place.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(lat: f64, lng: f64) -> Result<String, Refusal> {
        let number = |degrees| Number::from_f64(degrees).unwrap();
        Location { lat: number(lat), lng: number(lng), name: None }.text()
    }

    #[test]
    fn places_are_on_earth() {
        assert_eq!(place(48.25, 16.5).unwrap(), r#"{"lat":48.25,"lng":16.5}"#);
        assert!(place(-90.0, 180.0).is_ok());
        assert_eq!(place(90.001, 0.0), Err(Refusal::NotOnEarth("lat")));
        assert_eq!(place(0.0, -180.5), Err(Refusal::NotOnEarth("lng")));
    }

    #[test]
    fn a_place_keeps_its_numbers_and_name() {
        let place = Location { lat: 48.into(), lng: (-16).into(), name: Some("Prater 🎡".into()) };
        assert_eq!(place.text().unwrap(), r#"{"lat":48,"lng":-16,"name":"Prater 🎡"}"#);
    }
}

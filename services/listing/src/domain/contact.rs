//! How an owner can be reached, and in which money they count: whether a text can be that at all.

/// The longest e-mail address that can be delivered to, in characters.
pub const MAX_EMAIL: usize = 254;
/// The longest telephone number, in characters.
pub const MAX_PHONE: usize = 32;
/// How many letters name a currency.
pub const CURRENCY: usize = 3;

/// Whether a text can be an e-mail address: one `@`, nothing blank, a domain with a dot in it.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@,;:<>()[]\\\"".contains(c);
    let labels = domain.split('.');
    !local.is_empty()
        && text.chars().filter(|c| *c != '@').all(plain)
        && !domain.contains('@')
        && domain.contains('.')
        && labels.into_iter().all(|label| !label.is_empty())
}

/// Whether a text can be a telephone number: at least three digits, and what people write between them.
#[must_use]
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 3 && text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c))
}

/// Whether a text can be the code of a currency, as ISO 4217 has them: three capitals.
#[must_use]
pub fn is_currency(text: &str) -> bool {
    text.len() == CURRENCY && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["ada@example.com", "a.b+c@x-y.example", "o'neil@example.co.uk", "žofie@příklad.example"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "ada", "@example.com", "ada@", "ada@localhost", "a b@x.com", "a@b@x.com", "a@x..com"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn numbers() {
        for good in ["112", "+90 (212) 555 01 02", "01/234.56-78"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in ["", "+1", "call me", "123 ext. 4", "１２３"] {
            assert!(!is_phone(bad), "{bad}");
        }
    }

    #[test]
    fn currencies() {
        assert!(is_currency("EUR") && is_currency("TRY"));
        for bad in ["", "eur", "EU", "EURO", "€€€", "E1R"] {
            assert!(!is_currency(bad), "{bad}");
        }
    }
}

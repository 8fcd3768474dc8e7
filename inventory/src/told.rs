//! An error and its causes in the one line that a person reads.

use std::error::Error;

/// The error with each cause that its own words do not already contain.
#[must_use]
pub fn one_line(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !line.contains(&words) {
            line = format!("{line}: {words}");
        }
        cause = deeper.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Layer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|layer| layer as _)
        }
    }

    #[test]
    fn each_cause_is_told_once() {
        let check = |layers: &[&'static str], expected: &str| {
            let error = layers.iter().rev().fold(None, |inner, words| Some(Box::new(Layer(words, inner))));
            assert_eq!(one_line(error.as_deref().unwrap()), expected);
        };
        check(&["no disk"], "no disk");
        check(&["/var/x: no disk", "no disk"], "/var/x: no disk");
        check(&["opening the book", "no disk"], "opening the book: no disk");
        check(&["opening", "/var/x: no disk", "no disk"], "opening: /var/x: no disk");
    }
}

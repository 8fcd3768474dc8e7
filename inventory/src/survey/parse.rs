//! From the text of a formula to its expression: a hand-written descent over a few tokens.

use super::formula::{Comparison, Expr, Fold, FormulaError, Operator};
use super::token::{Token, token};

/// No formula nests deeper than this, so that a hostile file cannot exhaust the stack.
pub(super) const MAX_DEPTH: usize = 40;

/// The functions, as a person who mistyped one is told.
const FUNCTIONS: [&str; 19] = [
    "count",
    "any",
    "share",
    "sum",
    "max",
    "min",
    "percentile",
    "median_age",
    "latest",
    "names",
    "groups",
    "fact",
    "filled",
    "counter",
    "covered",
    "days_since_walk",
    "share_of_schools",
    "count_of_schools",
    "sum_of_schools",
];

pub(super) struct Parser {
    text: String,
    pub(super) tokens: Vec<(usize, Token)>,
    pub(super) next: usize,
    pub(super) depth: usize,
}

pub(super) type Parsed<T> = Result<T, FormulaError>;

impl Parser {
    pub(super) fn new(text: &str) -> Parsed<Self> {
        let mut parser = Self { text: text.to_owned(), tokens: Vec::new(), next: 0, depth: 0 };
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            if first.is_whitespace() {
                at += first.len_utf8();
                continue;
            }
            let (token, length) =
                token(&text[at..]).ok_or_else(|| parser.error(at, "this character has no meaning here"))?;
            parser.tokens.push((at, token));
            at += length;
        }
        Ok(parser)
    }

    pub(super) fn formula(mut self) -> Parsed<Expr> {
        let expr = self.or()?;
        match self.tokens.get(self.next) {
            None => Ok(expr),
            Some((at, _)) => Err(self.error(*at, "the formula should end here")),
        }
    }

    fn error(&self, at: usize, reason: impl Into<String>) -> FormulaError {
        FormulaError { text: self.text.clone(), at: at + 1, reason: reason.into() }
    }

    pub(super) fn here(&self, reason: impl Into<String>) -> FormulaError {
        self.error(self.tokens.get(self.next).map_or(self.text.len(), |(at, _)| *at), reason)
    }

    fn peek_word(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.next), Some((_, Token::Word(w))) if w == word)
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let there = self.peek_word(word);
        self.next += usize::from(there);
        there
    }

    pub(super) fn take_sign(&mut self, sign: &str) -> bool {
        let there = matches!(self.tokens.get(self.next), Some((_, Token::Sign(s))) if *s == sign);
        self.next += usize::from(there);
        there
    }

    pub(super) fn sign(&mut self, sign: &str) -> Parsed<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.here(format!("'{sign}' is expected"))) }
    }

    pub(super) fn word(&mut self, what: &str) -> Parsed<String> {
        match self.tokens.get(self.next) {
            Some((_, Token::Word(word))) => {
                let word = word.clone();
                self.next += 1;
                Ok(word)
            }
            _ => Err(self.here(format!("{what} is expected"))),
        }
    }

    pub(super) fn number(&mut self) -> Parsed<f64> {
        match self.tokens.get(self.next) {
            Some((_, Token::Number(number))) => {
                let number = *number;
                self.next += 1;
                Ok(number)
            }
            _ => Err(self.here("a number is expected")),
        }
    }

    fn or(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.here(format!("a formula nests at most {MAX_DEPTH} deep")));
        }
        let mut all = vec![self.and()?];
        while self.take_word("or") {
            all.push(self.and()?);
        }
        self.depth -= 1;
        Ok(single(all, Expr::Or))
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut all = vec![self.not()?];
        while self.take_word("and") {
            all.push(self.not()?);
        }
        Ok(single(all, Expr::And))
    }

    fn not(&mut self) -> Parsed<Expr> {
        if self.take_word("not") {
            return Ok(Expr::Not(Box::new(self.compared()?)));
        }
        self.compared()
    }

    fn compared(&mut self) -> Parsed<Expr> {
        let left = self.sum()?;
        match self.comparison() {
            Some(comparison) => Ok(Expr::Compare(comparison, Box::new(left), Box::new(self.sum()?))),
            None => Ok(left),
        }
    }

    pub(super) fn comparison(&mut self) -> Option<Comparison> {
        [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Below),
            (">", Comparison::Above),
            ("=", Comparison::Equal),
        ]
        .into_iter()
        .find_map(|(sign, comparison)| self.take_sign(sign).then_some(comparison))
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take_sign("+") {
                Operator::Plus
            } else if self.take_sign("-") {
                Operator::Minus
            } else {
                return Ok(left);
            };
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.atom()?;
        loop {
            let operator = if self.take_sign("*") {
                Operator::Times
            } else if self.take_sign("/") {
                Operator::Over
            } else {
                return Ok(left);
            };
            left = Expr::Binary(operator, Box::new(left), Box::new(self.atom()?));
        }
    }

    fn atom(&mut self) -> Parsed<Expr> {
        if self.take_sign("(") {
            let inner = self.or()?;
            self.sign(")")?;
            return Ok(inner);
        }
        match self.tokens.get(self.next).map(|(_, token)| token.clone()) {
            Some(Token::Number(number)) => {
                self.next += 1;
                Ok(Expr::Number(number))
            }
            Some(Token::Threshold(name)) => {
                self.next += 1;
                Ok(Expr::Threshold(name))
            }
            Some(Token::Word(name)) => {
                let start = self.next;
                self.next += 1;
                self.sign("(")?;
                let Some(call) = self.call(&name)? else {
                    self.next = start;
                    return Err(self.here(format!(
                        "'{name}' is no function of a survey formula; there are {}",
                        FUNCTIONS.join(", ")
                    )));
                };
                self.sign(")")?;
                Ok(call)
            }
            _ => Err(self.here("a number, a threshold or a function is expected")),
        }
    }

    fn call(&mut self, name: &str) -> Parsed<Option<Expr>> {
        Ok(Some(match name {
            "count" => Expr::Count(self.set()?),
            "any" => Expr::Any(self.set()?),
            "share" => {
                let set = self.set()?;
                self.sign(",")?;
                let filter = self.filter(set.noun)?;
                Expr::Share(set, filter)
            }
            "sum" => self.folded(|_| Ok(Fold::Sum))?,
            "max" => self.folded(|_| Ok(Fold::Max))?,
            "min" => self.folded(|_| Ok(Fold::Min))?,
            "percentile" => self.folded(|parser| {
                parser.sign(",")?;
                Ok(Fold::Percentile(parser.number()?.clamp(0.0, 100.0)))
            })?,
            "median_age" => Expr::MedianAge(self.set()?),
            "latest" => self.set_and_field().map(|(set, field)| Expr::Latest(set, field))?,
            "names" => self.set_and_field().map(|(set, field)| Expr::Names(set, field))?,
            "groups" => self.set_and_field().map(|(set, field)| Expr::Groups(set, field))?,
            "fact" => Expr::Fact(self.word("the name of a fact")?),
            "filled" => Expr::Filled(self.word("the name of a fact")?),
            "counter" => Expr::Counter(self.word("the name of a counter")?),
            "covered" => Expr::Covered,
            "days_since_walk" => Expr::DaysSinceWalk,
            "person" => Expr::Person,
            "share_of_schools" => Expr::ShareOfSchools(Box::new(self.or()?)),
            "count_of_schools" => Expr::CountOfSchools(Box::new(self.or()?)),
            "sum_of_schools" => Expr::SumOfSchools(Box::new(self.or()?)),
            _ => return Ok(None),
        }))
    }

    fn folded(&mut self, fold: fn(&mut Self) -> Parsed<Fold>) -> Parsed<Expr> {
        let (set, field) = self.set_and_field()?;
        Ok(Expr::Folded(fold(self)?, set, field))
    }
}

pub(super) fn single<T>(mut all: Vec<T>, several: fn(Vec<T>) -> T) -> T {
    match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            all.push(last);
            several(all)
        }
        (_, None) => several(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_read() {
        for text in [
            "count(asset where kind in (board, display) and seen)",
            "share(room where kind = class, has(board, projector) or wifi)",
            "max(link, down) >= $broadband and not any(link where role = backup)",
            "fact(pupils) / (fact(devices.pupil.pc) + fact(devices.pupil.tablet))",
            "count(finding where rule in (mail.*))",
            "share_of_schools(max(link, down) >= 50) > 0.5",
            "percentile(asset where kind = printer, age, 90)",
            "0.5 * fact(pupils) / 100",
        ] {
            assert!(Expr::parse(text).is_ok(), "{text}: {:?}", Expr::parse(text));
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let check = |text: &str, at: usize, reason: &str| match Expr::parse(text) {
            Ok(read) => panic!("{text} was read as {read:?}"),
            Err(error) => {
                assert_eq!(error.at, at, "{error}");
                assert!(error.reason.contains(reason), "{error}");
            }
        };
        check("count(asset where kind = toaster)", 26, "no kind of device");
        check("count(asset where colour = red)", 19, "no field 'colour'");
        check("count(teapot)", 7, "cannot be counted");
        check("launch(asset)", 1, "no function");
        check("count(asset", 12, "')' is expected");
        check("1 +", 4, "a number");
        check("1 ; 2", 3, "no meaning");
        check("1 2", 3, "should end");
        check(&"(".repeat(100), 41, "nests at most");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _read = Expr::parse(&text);
        }

        #[test]
        fn no_sequence_of_tokens_makes_it_panic(words in proptest::collection::vec(
            proptest::sample::select(vec!["count", "(", ")", "asset", "where", "kind", "=", "board", "and", "or",
                "not", ",", "$x", "1.5", "share", "room", "has", "-", "mail.*"]), 0..20)) {
            let _read = Expr::parse(&words.join(" "));
        }
    }
}

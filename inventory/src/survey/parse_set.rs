//! The part of a formula that says what is counted: a noun, its fields and filters.

use super::formula::{Comparison, Filter, Noun, Operand, Set};
use super::parse::{MAX_DEPTH, Parsed, Parser, single};
use super::token::Token;
use crate::Kind;

impl Parser {
    pub(super) fn set_and_field(&mut self) -> Parsed<(Set, String)> {
        let set = self.set()?;
        self.sign(",")?;
        let field = self.field(set.noun)?;
        Ok((set, field))
    }

    pub(super) fn set(&mut self) -> Parsed<Set> {
        let at = self.next;
        let word = self.word("what to count")?;
        let Some(noun) = Noun::ALL.into_iter().find(|noun| noun.word() == word) else {
            self.next = at;
            let nouns: Vec<_> = Noun::ALL.iter().map(|noun| noun.word()).collect();
            return Err(self.here(format!("'{word}' cannot be counted; there are {}", nouns.join(", "))));
        };
        let filter = if self.take_word("where") { self.filter(noun)? } else { Filter::All };
        Ok(Set { noun, filter })
    }

    pub(super) fn field(&mut self, noun: Noun) -> Parsed<String> {
        let at = self.next;
        let field = self.word("a field")?;
        if noun.fields().contains(&field.as_str()) {
            return Ok(field);
        }
        self.next = at;
        let known = noun.fields().join(", ");
        Err(self.here(format!("'{}' has no field '{field}'; it has {known}", noun.word())))
    }

    pub(super) fn filter(&mut self, noun: Noun) -> Parsed<Filter> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.here(format!("a formula nests at most {MAX_DEPTH} deep")));
        }
        let mut any = vec![self.filter_all(noun)?];
        while self.take_word("or") {
            any.push(self.filter_all(noun)?);
        }
        self.depth -= 1;
        Ok(single(any, Filter::Or))
    }

    pub(super) fn filter_all(&mut self, noun: Noun) -> Parsed<Filter> {
        let mut all = vec![self.condition(noun)?];
        while self.take_word("and") {
            all.push(self.condition(noun)?);
        }
        Ok(single(all, Filter::And))
    }

    pub(super) fn condition(&mut self, noun: Noun) -> Parsed<Filter> {
        if self.take_word("not") {
            return Ok(Filter::Not(Box::new(self.condition(noun)?)));
        }
        if self.take_sign("(") {
            let inner = self.filter(noun)?;
            self.sign(")")?;
            return Ok(inner);
        }
        if noun == Noun::Room && self.take_word("has") {
            return self.words(true).map(Filter::Has);
        }
        let field = self.field(noun)?;
        let names_kinds = noun == Noun::Asset && field == "kind";
        if self.take_word("in") {
            return Ok(Filter::In(field, self.words(names_kinds)?));
        }
        let Some(comparison) = self.comparison() else { return Ok(Filter::Is(field)) };
        match self.tokens.get(self.next).map(|(_, token)| token.clone()) {
            Some(Token::Number(number)) => {
                self.next += 1;
                Ok(Filter::Compare(field, comparison, Operand::Number(number)))
            }
            Some(Token::Threshold(name)) => {
                self.next += 1;
                Ok(Filter::Compare(field, comparison, Operand::Threshold(name)))
            }
            Some(Token::Word(_)) if comparison == Comparison::Equal => {
                Ok(Filter::In(field, vec![self.element(names_kinds)?]))
            }
            _ => Err(self.here("a number, a threshold or a word is expected")),
        }
    }

    pub(super) fn words(&mut self, kinds: bool) -> Parsed<Vec<String>> {
        self.sign("(")?;
        let mut words = vec![self.element(kinds)?];
        while self.take_sign(",") {
            words.push(self.element(kinds)?);
        }
        self.sign(")")?;
        Ok(words)
    }

    pub(super) fn element(&mut self, kind: bool) -> Parsed<String> {
        let at = self.next;
        let word = self.word("a word")?;
        if kind && word.parse::<Kind>().is_err() {
            self.next = at;
            let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            return Err(self.here(format!("'{word}' is no kind of device; there are {}", kinds.join(", "))));
        }
        Ok(word)
    }
}

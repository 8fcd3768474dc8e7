//! Small drawings inside the page: bars as SVG with a title, coloured by classes of the style sheet.

/// One part of a bar: how much, and the class that colours it (`one`, `two`, `three`).
pub(crate) type Part = (f64, &'static str);

/// A bar of a whole with its parts side by side; `title` says in words what it shows.
pub(crate) fn bar(title: &str, whole: f64, parts: &[Part]) -> String {
    let mut drawn = String::new();
    let mut from = 0.0;
    for (part, class) in parts {
        let width = if whole > 0.0 { (part / whole * 100.0).clamp(0.0, 100.0 - from) } else { 0.0 };
        drawn.push_str(&format!(
            "<rect class=\"{class}\" x=\"{from:.2}\" y=\"0\" width=\"{width:.2}\" height=\"8\"/>"
        ));
        from += width;
    }
    let title = escaped(title);
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{title}\">\
         <title>{title}</title>{drawn}</svg>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_within_their_frame() {
        let drawn = bar("3 of 4 <rooms>", 4.0, &[(3.0, "one"), (5.0, "two")]);
        assert!(
            drawn.contains("width=\"75.00\"") && drawn.contains("x=\"75.00\" y=\"0\" width=\"25.00\""),
            "{drawn}"
        );
        assert!(drawn.contains("3 of 4 &lt;rooms&gt;") && !drawn.contains("style="), "{drawn}");
        assert!(bar("", 0.0, &[(1.0, "one")]).contains("width=\"0.00\""));
    }
}

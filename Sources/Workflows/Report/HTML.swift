/// Pieces of an HTML page.
enum HTML {
    /// Any text as it stands.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            // Other control characters are not allowed in a page, not even as references.
            case _ where scalar.properties.generalCategory == .control: result += "\u{fffd}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A table of text under its caption, in a box of its own that scrolls where the page is narrower; columns but the first are
    /// numbers.
    static func table(caption: String, head: [String], rows: [[String]]) -> String {
        func cells(_ tag: String, _ row: [String]) -> String {
            "<tr>" + row.map { "<\(tag)>\(escaped($0))</\(tag)>" }.joined() + "</tr>\n"
        }
        let style = head.count > 6 ? " class=\"wide\"" : ""
        return "<p class=\"caption\">\(escaped(caption))</p>\n<div class=\"scroll\">\n<table\(style)>\n"
            + "<thead>\n\(cells("th", head))</thead>\n<tbody>\n" + rows.map { cells("td", $0) }.joined()
            + "</tbody>\n</table>\n</div>\n"
    }

    static func paragraph(_ text: String) -> String { "<p>\(escaped(text))</p>\n" }
}

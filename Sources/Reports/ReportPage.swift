import Foundation
import Runs

/// The page: everything in one file that opens anywhere, with no network.
struct ReportPage {
    let inputs: ReportInputs
    let figures: [DrawnFigure]
    /// Figures that the inputs should give, and why they do not.
    let omissions: [FigureCatalogue.Omission]

    var html: String {
        let title = HTML.escaped(inputs.recipe.title)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="generator" content="Adiabat \(AdiabatVersion.current)">
            <title>\(title)</title>
            <style>
            \(ReportStyleSheet.css)
            </style>
            </head>
            <body>
            <header>
            <h1>\(title)</h1>
            <p class="muted">Report of Adiabat \(AdiabatVersion.current).</p>
            </header>
            <main>
            \(warning)<p class="lead">\(HTML.escaped(ReportSummary(inputs).paragraph))</p>
            <details>
            <summary>The recipe, with every default filled in</summary>
            <pre><code>\(HTML.escaped(inputs.recipe.resolvedTOML))</code></pre>
            </details>

            """ + FigureCatalogue.Chapter.allCases.map(chapter).joined() + closing + "</main>\n</body>\n</html>\n"
    }

    /// What a reader has to know before anything else.
    private var warning: String {
        ReportSummary(inputs).warning.map { "<p class=\"lead warning\"><strong>\(HTML.escaped($0))</strong></p>\n" } ?? ""
    }

    private func chapter(_ chapter: FigureCatalogue.Chapter) -> String {
        let entries = FigureCatalogue.entries.filter { $0.chapter == chapter }
        let shown = entries.compactMap { entry in figures.first { $0.figure.name == entry.name } }
        let body = tables(chapter) + shown.map(figure).joined() + missing(entries)
        return body.isEmpty ? "" : "<section>\n<h2>\(HTML.escaped(chapter.heading))</h2>\n\(body)</section>\n"
    }

    private func tables(_ chapter: FigureCatalogue.Chapter) -> String {
        if chapter == .coarsening, let coarsening = inputs.coarsening { return CoarseningTables.html(coarsening) }
        guard chapter == .forces, let comparison = inputs.comparison else { return "" }
        return ErrorTable.html(comparison) + SplitTable.html(comparison) + SymmetryTable.html(comparison.symmetryBreaking)
            + (comparison.reliability.map(ReliabilityTable.html) ?? "")
            + (comparison.nonConservative.map { NonConservativeTable.html($0, extent: inputs.extent($0.size)) } ?? "")
            + (inputs.costs.isEmpty ? "" : CostTable.html(inputs.costs))
    }

    private func figure(_ drawn: DrawnFigure) -> String {
        let figure = drawn.figure
        let (type, bytes) =
            switch figure.embedding {
            case .vector: ("image/svg+xml", drawn.svg)
            case .raster: ("image/png", drawn.png)
            }
        return """
            <h3>\(HTML.escaped(figure.heading))</h3>
            <figure id="\(figure.name)"\(figure.height > 560 ? " class=\"tall\"" : "")>
            <img src="data:\(type);base64,\(Data(bytes).base64EncodedString())" \
            width="\(figure.width)" height="\(figure.height)" \
            alt="\(HTML.escaped(figure.heading))" style="max-width: \(figure.width)px">
            <figcaption>\(HTML.escaped(figure.caption)) <code>figures/\(figure.name).svg</code></figcaption>
            </figure>

            """
    }

    /// Which figures of a chapter are not there, and why.
    private func missing(_ entries: [FigureCatalogue.Entry]) -> String {
        let absent = entries.filter { entry in !figures.contains { $0.figure.name == entry.name } }
        let left = absent.compactMap { entry -> FigureCatalogue.Omission? in
            if let omission = omissions.first(where: { $0.name == entry.name }) { return omission }
            if let reason = inputs.outdated[entry.source] {
                return FigureCatalogue.Omission(name: entry.name, reason: reason)
            }
            if entry.isOptional || inputs.sources.contains(entry.source) || inputs.canDo(without: entry.source) { return nil }
            return FigureCatalogue.Omission(name: entry.name, reason: "they need what `adiabat \(entry.source.stage)` makes")
        }
        return FigureCatalogue.Omission.byReason(left).map { names, reason in
            "<p class=\"missing\">Not shown: \(HTML.escaped(names)); \(HTML.escaped(reason)).</p>\n"
        }.joined()
    }

    private var closing: String {
        let facts = inputs.manifest.map { "<tr><td>\(HTML.escaped($0.name))</td><td>\(HTML.escaped($0.value))</td></tr>\n" }
        let manifest =
            facts.isEmpty
            ? ""
            : "<section>\n<h2>How this was made</h2>\n<details>\n<summary>The manifest of the run</summary>\n"
                + "<table class=\"facts\">\n<tbody>\n" + facts.joined() + "</tbody>\n</table>\n</details>\n</section>\n"
        return manifest + """
            <section>
            <h2>How to cite</h2>
            <p>The equivariant network, the training and the quench of the published run are those of Y. Fan and G.-W. Chern,
            <em>Equivariant neural networks for force-field models of lattice systems</em>, arXiv:2601.04104 (2026). Please
            cite it with Adiabat \(AdiabatVersion.current).</p>
            </section>

            """
    }
}

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

/// The style of the page: readable at any width, in light and dark, on screen and on paper.
enum ReportStyleSheet {
    static let css = """
        :root { color-scheme: light dark; --ink: #1d1d1f; --muted: #5f6368; --paper: #ffffff; --line: #dcdfe3;
          --accent: #0072b2; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8e8ea; --muted: #a5a9af; --paper: #17181a; --line: #3a3d42; --accent: #6cb9e6; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 780px; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, "Liberation Sans", Arial, Helvetica, sans-serif; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
        h2 { font-size: 1.3rem; margin: 3rem 0 .8rem; padding-top: .8rem; border-top: 1px solid var(--line); }
        h3 { font-size: 1.02rem; margin: 2rem 0 .5rem; }
        .lead { font-size: 1.08rem; }
        .muted, figcaption, .caption { color: var(--muted); }
        .missing { color: var(--muted); border-left: 3px solid var(--line); padding-left: .8rem; }
        figure { margin: 0 0 1.5rem; }
        figure img { display: block; width: 100%; height: auto; margin: 0 auto; background: #ffffff; border-radius: 4px; }
        figcaption { font-size: .92rem; margin-top: .5rem; }
        figcaption code { font: .82rem ui-monospace, "Liberation Mono", monospace; white-space: nowrap; }
        .caption { font-size: .92rem; margin: 1.5rem 0 .4rem; }
        .scroll { overflow-x: auto; margin: 0 0 1.5rem; }
        table { border-collapse: collapse; width: 100%; font-size: .93rem; font-variant-numeric: tabular-nums; }
        table.wide { font-size: .82rem; }
        th, td { text-align: right; padding: .32rem .5rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; min-width: 6rem; }
        .wide th, .wide td { padding: .32rem .3rem; }
        .wide td:first-child { white-space: nowrap; padding-left: 0; }
        .wide th:first-child { padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { font-weight: 600; border-bottom: 2px solid var(--line); white-space: normal; vertical-align: bottom; }
        .facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        pre { overflow-x: auto; padding: .9rem 1rem; border: 1px solid var(--line); border-radius: 4px;
          font: .85rem/1.45 ui-monospace, "Liberation Mono", monospace; }
        summary { cursor: pointer; color: var(--accent); }
        @media (max-width: 640px) {
          table { font-size: .78rem; }
          table.wide { font-size: .62rem; }
          th, td, .wide th, .wide td { padding: .3rem .18rem; }
        }
        @media print {
          :root { color-scheme: light; --ink: #000000; --muted: #444444; --paper: #ffffff; --line: #cccccc; }
          body { max-width: none; padding: 0; font-size: 11pt; }
          h2, h3, .caption { break-after: avoid; break-inside: avoid; }
          h2 { margin-top: 1.5rem; }
          figure, tr, .scroll { break-inside: avoid; }
          figure img { width: auto; max-height: 8.4cm; margin: 0; }
          figure.tall img { max-height: 15cm; }
          .scroll { overflow: visible; }
          table { font-size: 8.5pt; }
          th, td { padding: .2rem .3rem; white-space: normal; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
        }
        """
}

import Foundation

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

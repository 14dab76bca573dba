import Foundation

/// The page: everything in one file that opens anywhere, with no network.
struct ReportPage {
    let inputs: ReportInputs
    let figures: [DrawnFigure]

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
            <p class="muted">Report of Adiabat \(AdiabatVersion.current): learned and exact forces of a lattice model.</p>
            </header>
            <main>
            <p class="lead">\(HTML.escaped(ReportSummary(inputs).paragraph))</p>
            <details>
            <summary>The recipe, with every default filled in</summary>
            <pre><code>\(HTML.escaped(inputs.recipe.resolvedTOML))</code></pre>
            </details>

            """ + FigureCatalogue.Chapter.allCases.map(chapter).joined() + closing + "</main>\n</body>\n</html>\n"
    }

    private func chapter(_ chapter: FigureCatalogue.Chapter) -> String {
        let entries = FigureCatalogue.entries.filter { $0.chapter == chapter }
        let shown = entries.compactMap { entry in figures.first { $0.figure.name == entry.name } }
        if shown.isEmpty, entries.allSatisfy({ inputs.canDo(without: $0.source) }) { return "" }
        return "<section>\n<h2>\(HTML.escaped(chapter.heading))</h2>\n" + tables(chapter) + shown.map(figure).joined()
            + missing(entries) + "</section>\n"
    }

    private func tables(_ chapter: FigureCatalogue.Chapter) -> String {
        if chapter == .coarsening, let coarsening = inputs.coarsening { return CoarseningTables.html(coarsening) }
        guard chapter == .forces, let comparison = inputs.comparison else { return "" }
        return ErrorTable.html(comparison) + SplitTable.html(comparison) + SymmetryTable.html(comparison.symmetry)
            + (comparison.nonConservative.map(NonConservativeTable.html) ?? "")
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
            <figure id="\(figure.name)">
            <img src="data:\(type);base64,\(Data(bytes).base64EncodedString())" \
            width="\(figure.width)" height="\(figure.height)" \
            alt="\(HTML.escaped(figure.heading))" style="max-width: \(figure.width)px">
            <figcaption>\(HTML.escaped(figure.caption)) <code>figures/\(figure.name).svg</code></figcaption>
            </figure>

            """
    }

    /// Which figures of a chapter are not there, and why.
    private func missing(_ entries: [FigureCatalogue.Entry]) -> String {
        let absent = entries.filter { entry in !entry.isOptional && !figures.contains { $0.figure.name == entry.name } }
        let bySource = ReportInputs.Source.allCases.compactMap { source -> String? in
            if inputs.canDo(without: source), !inputs.has(source) { return nil }
            let names = absent.filter { $0.source == source }.map(\.name).joined(separator: ", ")
            guard !names.isEmpty else { return nil }
            let reason =
                inputs.has(source)
                ? "what `adiabat \(source.stage)` has written holds nothing that they could show"
                : "they need what `adiabat \(source.stage)` makes"
            return "<p class=\"missing\">Not shown: \(HTML.escaped(names)); \(HTML.escaped(reason)).</p>\n"
        }
        return bySource.joined()
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

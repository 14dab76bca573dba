import Experiments
import Lattices
import Recipes

extension Figure {
    /// The domains of both runs at their end, and what differs.
    static func twinDomains(_ twins: [Comparison.Twin], recipe: Recipe) throws -> Figure {
        guard let twin = twins.first, let time = twin.times.last,
            let supercell = try? Supercell(recipe.lattice.geometry, size: twin.size, periodic: recipe.lattice.periodic),
            supercell.siteCount == twin.exact.displacement.count
        else { throw FigureOmission("the twins hold no displacement of this lattice") }
        let sites = SitePicture(supercell)
        let difference = zip(twin.learned.displacement, twin.exact.displacement).map { $0 - $1 }
        let fields = [twin.exact.displacement, twin.learned.displacement, difference].map(sites.staggered)
        let heading = "\(sites.isStaggered ? "Domains" : "Displacements") of the twins"
        let caption =
            "\(sites.words) of the exact and the learned run\(sites.slice) at their end (t = \(NumberText.plain(time))), and learned "
            + "minus exact on its own scale\(twins.count > 1 ? ", for the first pair" : "")."
        guard let raster = sites.raster else {
            let places = sites.positions(of: Array(fields[0].indices)).positions.map(\.x)
            let styles = [FigureStyle.line(.exact, width: 1.5), FigureStyle.line(.learned, width: 1.5, dashed: true)]
            return profiles(
                name: "twin-domains", heading: heading, caption: caption, title: "",
                contents: [.table("twins", columns: [places] + fields)],
                panels: [
                    (sites.label, "", "$twins using 1:2 \(styles[0]) notitle, $twins using 1:3 \(styles[1]) notitle"),
                    ("difference", "", "$twins using 1:4 \(FigureStyle.line(.blue, width: 1.5)) notitle"),
                ], key: ["\(styles[0]) title 'exact'", "\(styles[1]) title 'learned'"])
        }
        let maps = zip(["exact", "learned", "difference"], fields).map { raster.map($0, $1) }
        let grid = PanelGrid(columns: 3, rows: 1, aspect: raster.aspect) {
            $0.left = 50
            $0.right = 25
            $0.bottom = 130
            $0.horizontalGap = 40
        }
        let range = SitePicture.range(of: maps[0].values)
        let differenceRange = SitePicture.range(of: maps[2].values)
        return Figure(
            name: "twin-domains", heading: heading, caption: caption + SitePicture.averaging(maps[0]),
            width: grid.size.width, height: grid.size.height, embedding: .raster,
            contents: maps.map { .map($0) },
            commands: """
                set multiplot
                \(FigureStyle.picture)
                \(maps[0].ranges)
                \(FigureStyle.diverging)
                set cblabel '\(sites.label)' offset 0,0.4
                set cbrange [\(-range):\(range)]
                set cbtics (\(ends(range)))
                set title 'exact' offset 0,-0.6
                \(grid.margins(0))
                \(grid.horizontalColorBox(below: 0, to: 1))
                plot \(maps[0].plot)
                set title 'learned'
                set format y ''
                unset colorbox
                \(grid.margins(1))
                plot \(maps[1].plot)
                set title 'learned − exact'
                set cblabel 'difference'
                set cbrange [\(-differenceRange):\(differenceRange)]
                set cbtics (\(ends(differenceRange)))
                \(grid.horizontalColorBox(below: 2, to: 2))
                \(grid.margins(2))
                plot \(maps[2].plot)
                unset multiplot
                """)
    }

    /// Marks at the ends and in the middle of a symmetric scale.
    private static func ends(_ range: Double) -> String {
        let label = LogarithmicAxis.label(range)
        return "'−\(label)' \(-range), '0' 0, '\(label)' \(range)"
    }
}

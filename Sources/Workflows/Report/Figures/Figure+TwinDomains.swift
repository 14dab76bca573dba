import Lattices

extension Figure {
    /// The domains of both runs at their end, and what differs.
    static func twinDomains(_ twins: [Comparison.Twin], recipe: Recipe) -> Figure? {
        guard let twin = twins.first, let time = twin.times.last,
            let supercell = try? Supercell(recipe.lattice.geometry, size: twin.size),
            supercell.siteCount == twin.exact.displacement.count
        else { return nil }
        let difference = zip(twin.learned.displacement, twin.exact.displacement).map { $0 - $1 }
        let fields = [twin.exact.displacement, twin.learned.displacement, difference].map { SiteField(supercell, values: $0) }
        let maps = zip(["exact", "learned", "difference"], fields).compactMap { DisplacementMap.map($0, of: $1) }
        guard maps.count == 3 else { return nil }
        let grid = PanelGrid(columns: 3, rows: 1, map: maps[0]) {
            $0.left = 40
            $0.right = 25
            $0.bottom = 105
            $0.horizontalGap = 40
        }
        let range = DisplacementMap.range(of: maps[0].values)
        let differenceRange = DisplacementMap.range(of: maps[2].values)
        let label = DisplacementMap.label(supercell)
        let averaging = maps[0].block > 1 ? " Every pixel is the mean over \(maps[0].block) × \(maps[0].block) sites." : ""
        return Figure(
            name: "twin-domains", heading: "Domains of the twins",
            caption:
                "\(DisplacementMap.words(supercell)) of the exact and the learned run at their end "
                + "(t = \(NumberText.plain(time))), and learned minus exact on its own scale"
                + "\(twins.count > 1 ? ", for the first pair" : "").\(averaging)",
            width: Int(grid.width.rounded()), height: Int(grid.height.rounded()), embedding: .raster,
            contents: maps.map { .map($0) },
            commands: """
                set multiplot
                set border 15
                unset grid
                set tics scale 0
                \(maps[0].ranges)
                \(FigureStyle.diverging)
                set cblabel '\(label)' offset 0,0.4
                set cbrange [\(-range):\(range)]
                set cbtics \(range)
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
                set cbtics \(differenceRange)
                \(grid.horizontalColorBox(below: 2, to: 2))
                \(grid.margins(2))
                plot \(maps[2].plot)
                unset multiplot
                """)
    }
}

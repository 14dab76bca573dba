/// Where panels of equal size stand in a figure, in pixels of the page.
struct PanelGrid {
    let columns: Int
    let rows: Int
    let panelWidth: Double
    let panelHeight: Double
    // What the SVG's labels take, which stand farther from the axes than those of the PNG.
    var left = 72.0
    var top = 30.0
    var right = 95.0
    var bottom = 74.0
    var horizontalGap = 20.0
    var verticalGap = 40.0
    private var keyColumns = 1

    /// Panels that fill `width` pixels, each `aspect` times as high as wide.
    init(columns: Int, rows: Int, width: Int = 700, aspect: Double, _ adjust: (inout PanelGrid) -> Void = { _ in }) {
        var empty = PanelGrid(columns: columns, rows: rows, panelWidth: 0, panelHeight: 0)
        adjust(&empty)
        let free = Double(width) - empty.left - empty.right - Double(columns - 1) * empty.horizontalGap
        let panelWidth = free / Double(columns)
        // Very long strips are squeezed rather than drawn as a line.
        let aspect = min(max(aspect, 0.25), 2)
        self.init(columns: columns, rows: rows, panelWidth: panelWidth, panelHeight: panelWidth * aspect)
        adjust(&self)
    }

    private init(columns: Int, rows: Int, panelWidth: Double, panelHeight: Double) {
        self.columns = columns
        self.rows = rows
        self.panelWidth = panelWidth
        self.panelHeight = panelHeight
    }

    var width: Double { left + right + Double(columns) * panelWidth + Double(columns - 1) * horizontalGap }
    var height: Double { top + bottom + Double(rows) * panelHeight + Double(rows - 1) * verticalGap }

    /// The rectangle of panel `index`, row by row from the top left, as fractions of the figure from its lower left corner.
    func rectangle(_ index: Int) -> (left: Double, right: Double, bottom: Double, top: Double) {
        let (column, row) = (index % columns, index / columns)
        let x = left + Double(column) * (panelWidth + horizontalGap)
        let y = top + Double(row) * (panelHeight + verticalGap)
        return (x / width, (x + panelWidth) / width, 1 - (y + panelHeight) / height, 1 - y / height)
    }

    /// The figure's size in whole pixels.
    var size: (width: Int, height: Int) { (Int(width.rounded()), Int(height.rounded())) }

    /// Leaves place above all panels for a key.
    mutating func reserveKey(entries: Int, width: Int = 700) {
        keyColumns = max(1, min(entries, width / 130))
        top = 18 + 24 * Double((entries + keyColumns - 1) / keyColumns)
    }

    /// The key above all panels, where ``reserveKey(entries:width:)`` has left place for it.
    func key(_ entries: [String]) -> String {
        FigureStyle.key(entries, columns: keyColumns, from: (1 - (top - 10) / height, 1 - 2 / height))
    }

    /// The commands that put the next plot into panel `index`.
    func margins(_ index: Int) -> String {
        let place = rectangle(index)
        return "set lmargin at screen \(place.left)\nset rmargin at screen \(place.right)\n"
            + "set bmargin at screen \(place.bottom)\nset tmargin at screen \(place.top)"
    }

    /// The command that puts a vertical colour scale right of the panels, over their full height.
    var verticalColorBox: String {
        let (first, last) = (rectangle(columns - 1), rectangle(columns * rows - 1))
        return "set colorbox vertical user origin \(first.right + 14 / width),\(last.bottom) "
            + "size \(12 / width),\(first.top - last.bottom) noborder"
    }

    /// The command that puts a horizontal colour scale below panels `first` to `last` of the lowest row, a little shorter than
    /// they, so that the numbers at the ends of two scales do not meet.
    func horizontalColorBox(below first: Int, to last: Int) -> String {
        let (from, to) = (rectangle(first), rectangle(last))
        let inset = 16 / width
        return "set colorbox horizontal user origin \(from.left + inset),\(from.bottom - 50 / height) "
            + "size \(to.right - from.left - 2 * inset),\(10 / height) noborder"
    }
}

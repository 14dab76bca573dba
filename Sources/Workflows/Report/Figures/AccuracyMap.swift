import Storage

/// Error against cost of several ways to find the forces, both logarithmic: the map learned models are placed on.
package struct AccuracyMap {
    /// One way to find the forces.
    package struct Point {
        /// Seconds a site and force.
        let cost: Double
        /// Root mean square error of the force, in units of the hopping; 0 for the reference, which has none.
        let error: Double

        /// A point of the map.
        package init(cost: Double, error: Double) {
            self.cost = cost
            self.error = error
        }
    }

    /// Ways of one kind, joined by a line.
    package struct Series {
        let name: String
        let points: [Point]

        /// A line of the map.
        package init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    /// The map of one model.
    package struct Panel {
        let title: String
        /// The root mean square force: the error of predicting none.
        let scale: Double
        let series: [Series]

        /// A map of its own beside the others; series of one name look alike in all of them.
        package init(title: String, scale: Double, series: [Series]) {
            self.title = title
            self.scale = scale
            self.series = series
        }
    }

    let panels: [Panel]

    /// - Parameter panels: side by side, at least one.
    package init(panels: [Panel]) {
        precondition(!panels.isEmpty, "a panel")
        self.panels = panels
    }

    /// Draws the map into an SVG or, if the name ends in `.png`, into a PNG.
    ///
    /// - Throws: ``StageError`` if gnuplot is missing or fails, `StorageError` if the file cannot be written.
    package func draw(to path: String) throws {
        let drawn = try Gnuplot().draw(Figure.accuracyMap(self))
        try AtomicFile.write(path.hasSuffix(".png") ? drawn.png : drawn.svg, to: path)
    }
}

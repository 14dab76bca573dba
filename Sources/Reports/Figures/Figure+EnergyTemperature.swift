import Experiments

extension Figure {
    /// Kinetic temperature and energies of the large run against time.
    ///
    /// - Parameter bath: k_BT of the heat bath; nil without one.
    static func energyTemperature(_ analysis: Analysis, bath: Double?) throws -> Figure {
        guard analysis.times.count > 1 else { throw FigureOmission("the observables were recorded at one time alone") }
        let unknown = analysis.times.map { _ in Double.nan }
        let temperature = analysis.values("kinetic_temperature") ?? unknown
        let potential = analysis.values("potential_energy") ?? unknown
        guard temperature.contains(where: { $0 > 0 }) else { throw FigureOmission("the kinetic temperature is nowhere above 0") }
        // A bath at zero temperature has no place on the axis.
        let bath = bath.flatMap { $0 > 0 ? $0 : nil }
        let axis = try LogarithmicAxis(temperature + [bath].compactMap(\.self), quantity: "the kinetic temperature")
        let hasPotential = potential.contains(where: \.isFinite)
        let second =
            hasPotential
            ? """
            set border 11
            set rmargin 10
            set y2tics textcolor rgb '\(FigureColor.green)'
            set y2label 'potential per site Ω/{/:Italic N}  (hopping)' textcolor rgb '\(FigureColor.green)'
            """ : ""
        let bathPlot = bath.map { ", \($0) \(FigureStyle.line(.ink, width: 1.2, dashed: true)) title 'bath'" } ?? ""
        let potentialPlot =
            hasPotential
            ? ", \\\n    $series using 1:3 axes x1y2 \(FigureStyle.line(.green, width: 2)) title 'potential'"
            : ""
        return Figure(
            name: "energy-temperature", heading: "Temperature",
            caption:
                "Kinetic temperature m⟨v²⟩ of the large run\(bath == nil ? "" : ", and the temperature of the bath (dashed)")"
                + (hasPotential ? "; right axis: the potential per site." : "."),
            contents: [.table("series", columns: [analysis.times, axis.shown(temperature), potential])],
            commands: """
                \(axis.commands("y"))
                set xrange [0:]
                set xlabel '\(FigureStyle.time)'
                set ylabel 'kinetic temperature {/:Italic m}⟨{/:Italic v}^2⟩  (hopping)'
                \(second)
                plot $series using 1:2 \(FigureStyle.line(.blue, width: 2)) title 'kinetic temperature'\\
                    \(bathPlot)\(potentialPlot)
                """)
    }
}

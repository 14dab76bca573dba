import ElectronicStructure
import EquivariantNetworks

extension Recipe {
    /// The electrons that the data are made with: every combination of the temperatures, couplings and chemical potentials of
    /// `[generate]`, where there is no list the value of `[model]`.
    public var electrons: [AdiabaticModel] {
        func values(_ parameter: ElectronParameter) -> [Double?] {
            let list = generate.values(of: parameter)
            return list.isEmpty ? [nil] : list
        }
        return values(.temperature).flatMap { temperature in
            values(.coupling).flatMap { coupling in
                values(.chemicalPotential).map { chemicalPotential in
                    do {
                        return try model.with([
                            .temperature: temperature, .coupling: coupling, .chemicalPotential: chemicalPotential,
                        ])
                    } catch { preconditionFailure("\(error)") }
                }
            }
        }
    }

    /// The parameters of which the data have several values.
    var variedParameters: [ElectronParameter] { ElectronParameter.allCases.filter { generate.values(of: $0).count > 1 } }

    /// - Throws: `NetworkError` if the data vary a parameter of the electrons that the network does not depend on: one force
    ///   cannot be right for all of them.
    func requireConditionedNetwork() throws {
        let family = network.family
        for parameter in variedParameters where !family.electronParameters.contains(parameter) {
            throw NetworkError(
                key: "network",
                problem: "\"\(type(of: family).name)\" with these keys does not depend on the \(parameter.rawValue), of which "
                    + "generate.\(parameter.listKey) = \(generate.values(of: parameter)) has several; one value is allowed, or a "
                    + "network that does")
        }
    }

    /// The same for data some of whose trajectories were made by other recipes.
    ///
    /// - Parameter path: of the data.
    /// - Throws: ``StageError/mismatch(path:problem:)``
    func requireConditionedNetwork(for dataset: Dataset, path: String) throws {
        guard !dataset.earlierRecipes.isEmpty else { return }
        let electrons = dataset.trajectories.map(\.electrons)
        let differences = electrons.flatMap {
            $0.electronicDifferences(from: model, ignoring: Set(ElectronParameter.allCases.map(\.rawValue)))
        }
        let unknown = dataset.variedParameters.filter { !network.family.electronParameters.contains($0) }
        guard differences.isEmpty, unknown.isEmpty else {
            let values = unknown.map { parameter in
                let values = electrons.reduce(into: [Double?]()) { values, electrons in
                    let value = parameter.value(in: electrons)
                    if !values.contains(value) { values.append(value) }
                }
                return "\(parameter.rawValue) = " + values.map { $0.map { TOMLText.text($0) } ?? "—" }.joined(separator: ", ")
            }
            throw StageError.mismatch(
                path: path,
                problem: "holds trajectories of several recipes (" + (values + differences.prefix(1)).joined(separator: "; ")
                    + "), on which the network \"\(type(of: network.family).name)\" with these keys does not depend; one force cannot "
                    + "be right for all of them")
        }
    }

    /// Checks that the lists of `[generate]` agree with other keys.
    ///
    /// - Throws: ``RecipeError``
    func validateElectrons(_ document: TOMLDocument) throws {
        func refusal(_ parameter: ElectronParameter, _ problem: String) -> RecipeError {
            document.error(table: Section.generate.rawValue, key: parameter.listKey, problem)
        }
        var combinations = 1
        for parameter in ElectronParameter.allCases {
            let values = generate.values(of: parameter)
            guard !values.isEmpty else { continue }
            if let twice = values.first(where: { value in values.count { $0 == value } > 1 }) {
                throw refusal(parameter, "\(twice) is listed twice; each value may be listed once")
            }
            if parameter == .chemicalPotential, parameter.value(in: model) == nil {
                throw refusal(parameter, "\(values) is not allowed beside model.filling, which is fixed; [] is")
            }
            combinations *= values.count
            let training = generate.trajectories - generate.validationTrajectories - generate.testTrajectories
            guard combinations <= training else {
                throw refusal(
                    parameter,
                    "\(combinations) combinations of temperatures, couplings and chemical potentials are more than the \(training) "
                        + "trajectories for training; each must have one")
            }
        }
    }
}

import LearnedForces
import Models

extension Recipe {
    /// The electrons that the data are made with: every combination of the values that `[generate]` lists, where there is no list the
    /// value of `[model]`.
    public var electrons: [AdiabaticModel] {
        generate.listedParameters.map(\.key).reduce([model]) { models, key in
            let values = generate.values(of: key)
            guard !values.isEmpty else { return models }
            return models.flatMap { model in
                values.map { value in
                    do { return try model.with(key, value) } catch { preconditionFailure("\(error)") }
                }
            }
        }
    }

    /// The parameters of which the data have several values.
    package var variedParameters: [Parameter] { generate.listedParameters.filter { generate.values(of: $0.key).count > 1 } }

    /// - Throws: `NetworkError` if the data vary a parameter of the electrons that the network does not depend on: one force
    ///   cannot be right for all of them.
    package func requireConditionedNetwork() throws {
        let family = network.family
        for parameter in variedParameters where !family.dependsOn(parameter.key) {
            throw NetworkError(
                key: "network",
                problem: "\"\(type(of: family).name)\" with these keys does not depend on the \(parameter.key), of which "
                    + "generate.\(parameter.listKey!) = \(generate.values(of: parameter.key)) has several; one value is allowed, or a "
                    + "network that does")
        }
    }

    /// Checks that the lists of `[generate]` agree with other keys.
    ///
    /// - Throws: ``RecipeError``
    func validateElectrons(_ document: TOMLDocument) throws {
        func refusal(_ parameter: Parameter, _ problem: String) -> RecipeError {
            document.error(table: Section.generate.rawValue, key: parameter.listKey, problem)
        }
        var (combinations, lists) = (1, [String]())
        for parameter in generate.listedParameters {
            let values = generate.values(of: parameter.key)
            guard !values.isEmpty else { continue }
            if let twice = values.first(where: { value in values.count { $0 == value } > 1 }) {
                throw refusal(parameter, "\(twice) is listed twice; each value may be listed once")
            }
            if model[parameter.key] == nil {
                throw refusal(parameter, "\(values) is not allowed beside model.filling, which is fixed; [] is")
            }
            combinations *= values.count
            lists.append(parameter.listKey!)
            let training = generate.trajectories - generate.validationTrajectories - generate.testTrajectories
            guard combinations <= training else {
                throw refusal(
                    parameter,
                    "\(combinations) combinations of \(lists.joined(separator: ", ")) are more than the \(training) trajectories for "
                        + "training; each must have one")
            }
        }
    }
}

import AdiabatBenchmarks
import Testing

@Suite struct CostEnvelopeTests {
    /// Two decades of error on two of cost, with a point that another one beats and one that costs more for as much.
    private let envelope = CostEnvelope([
        .init(cost: 1e-5, error: 1e-4), .init(cost: 1e-7, error: 1e-2), .init(cost: 2e-6, error: 5e-2),
        .init(cost: 1e-4, error: 1e-4),
    ])

    @Test func keepsWhatNothingBeats() {
        #expect(envelope.points == [.init(cost: 1e-7, error: 1e-2), .init(cost: 1e-5, error: 1e-4)])
    }

    @Test func interpolatesLogarithms() throws {
        let between = try #require(envelope.error(at: 1e-6))
        #expect(abs(between / 1e-3 - 1) < 1e-12)
        #expect(envelope.error(at: 1e-7) == 1e-2)
    }

    @Test func endsWithTheLastAndBeginsWithTheFirst() {
        #expect(envelope.error(at: 1) == 1e-4)
        #expect(envelope.error(at: 0.9e-7) == nil)
        #expect(CostEnvelope([]).error(at: 1) == nil)
    }
}

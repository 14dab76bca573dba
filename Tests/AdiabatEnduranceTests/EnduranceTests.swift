import AdiabatEndurance
import Testing

/// The campaigns of `make endurance`, short. One after the other, for they time their kills by an undisturbed run.
@Suite(.serialized) struct EnduranceTests {
    private func campaign(count: Int, seconds: Int = 20) throws -> Campaign {
        try Campaign(seed: 1, duration: .seconds(seconds), count: count)
    }

    @Test func killedRunsEndWithTheSameFiles() throws {
        let report = try KillCampaign(campaign(count: 6)).run()
        #expect(report.failures == [])
        #expect(report.outcomes["runs finished", default: 0] > 0)
    }

    @Test(.enabled(if: DiskCampaign.isPossible, "the tests may not mount a file system here"))
    func fullDisksLoseNothing() throws {
        let report = try DiskCampaign(campaign(count: 2)).run()
        #expect(report.failures == [])
        #expect(report.outcomes["runs finished"] == 2)
    }

    @Test func damagedFilesAreNoticed() throws {
        let report = try DamageCampaign(campaign(count: 30)).run()
        #expect(report.failures == [])
        #expect(report.outcomes["refused", default: 0] > 5)
    }

    @Test func forcedRunsSayTheTruth() throws {
        let report = try ForceCampaign(campaign(count: 12, seconds: 30)).run()
        #expect(report.failures == [])
        #expect(report.outcomes["forced to go on", default: 0] + report.outcomes["refused even when forced", default: 0] > 0)
    }

    @Test func randomRecipesRunOrAreRefused() throws {
        let report = try RecipeCampaign(campaign(count: 12)).run()
        #expect(report.failures == [])
        #expect(report.outcomes["stages", default: 0] > 0 && report.outcomes["refused", default: 0] > 0)
    }

    @Test func mutatedFilesAreReadOrRefused() throws {
        let report = try FuzzCampaign(campaign(count: 300, seconds: 6)).run()
        #expect(report.failures == [])
        #expect(report.outcomes["refused", default: 0] > 500)
    }
}

// The schedule that is modelled is the schedule that is trained.
using System.Globalization;
using Gaplab.Learning.Optim;
using Gaplab.Numerics;
using Gaplab.Studies;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.GapModel;

namespace Gaplab.Training.Tests.Studies;

public sealed class ScheduleSpecs
{
    public static TheoryData<string, double, double, double> All
    {
        get
        {
            var all = new TheoryData<string, double, double, double>();
            foreach (string kind in RateSchedule.Kinds)
            foreach (double warmup in (double[])[0, 0.1, 0.3])
            foreach (double final in (double[])[0, 0.5])
                all.Add(kind, warmup, 0.25, final);
            return all;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Every_step_of_a_study_is_modelled_as_it_is_trained(string kind, double warmup, double decay, double final)
    {
        StudySpec study = StudyFile.Parse(
            "/s/x.yaml",
            string.Create(
                CultureInfo.InvariantCulture,
                $$$"""
                optimizers: {sgd: {lr: 0.1}, adam: {lr: 0.01}}
                grid: {batch: 4}
                budget: {steps: 8}
                schedule: {kind: {{{kind}}}, warmup: {{{warmup}}}, decay: {{{decay}}}, final: {{{final}}}}
                """
            )
        );
        var probe = new Probe
        {
            Blocks =
            [
                new ProbeBlock
                {
                    Name = "all",
                    Parameters = 2,
                    Nodes = [1, 0.5],
                    Weights = [new(0.5), new(0.5)],
                    NoiseVariance = [new(1)],
                    Displacement = [new(1)],
                },
            ],
            Budget = new Gaplab.Theory.GapModel.Budget(64, null),
            Batches = [4],
            Schedule = study.Schedule.Rate(),
        };
        GapSetting setting = ProbeJson.Parse(ProbeJson.ToJson(probe).ToJsonString()).Setting();
        foreach (int steps in (int[])[1, 3, 64, 257])
        {
            var trained = new Schedule(study.Schedule.Rate(), steps);
            double[] modelled = setting.Schedule.Factors(steps);
            for (int k = 0; k < steps; k++)
                Assert.Equal(trained.At(k), modelled[k]);
            if (final > 0 && kind is not ("constant" or "linear-warmup"))
                Assert.True(modelled[^1] >= final, $"ends at {modelled[^1]}");
        }
    }
}

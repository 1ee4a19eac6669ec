// What study files can name: the kinds of model, task, optimizer and probe of a program.
using Gaplab.Learning.Data;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Training;

namespace Gaplab.Studies;

/// <summary>The four catalogues of a program. It is handed on from the reading of a study to the training of its runs and never changes:
/// kinds of one's own are <c>Catalogues.BuiltIn.With(mine)</c>, in the program that starts and in its workers alike.</summary>
public sealed record Catalogues
{
    private Catalogues() { }

    /// <summary>Those of Gaplab.</summary>
    public static Catalogues BuiltIn { get; } = new();

    public ModelCatalogue Models { get; private init; } = ModelCatalogue.BuiltIn;
    public TaskCatalogue Tasks { get; private init; } = TaskCatalogue.BuiltIn;
    public OptimizerCatalogue Optimizers { get; private init; } = OptimizerCatalogue.BuiltIn;
    public ProbeCatalogue Probes { get; private init; } = ProbeCatalogue.BuiltIn;

    /// <summary>These and a kind of model.</summary>
    /// <exception cref="ArgumentException">As <see cref="ModelCatalogue.With"/>.</exception>
    public Catalogues With(ModelKind kind) => this with { Models = Models.With(kind) };

    /// <summary>These and a kind of task.</summary>
    /// <exception cref="ArgumentException">As <see cref="TaskCatalogue.With"/>.</exception>
    public Catalogues With(TaskKind kind) => this with { Tasks = Tasks.With(kind) };

    /// <summary>These and a kind of optimizer.</summary>
    /// <exception cref="ArgumentException">As <see cref="OptimizerCatalogue.With"/>.</exception>
    public Catalogues With(OptimizerKind kind) => this with { Optimizers = Optimizers.With(kind) };

    /// <summary>These and a kind of probe.</summary>
    /// <exception cref="ArgumentException">As <see cref="ProbeCatalogue.With"/>.</exception>
    public Catalogues With(ProbeKind kind) => this with { Probes = Probes.With(kind) };

    /// <summary>These, with a row for each kind that a study names and that is not among them: another program's store can be read, and
    /// what would need the kind itself says that it is not there.</summary>
    internal Catalogues Naming(StudySpec study)
    {
        StudySpec[] all = [study, .. study.Listed.Select(c => c.Study)];
        ModelCatalogue models = all.Aggregate(Models, (known, s) => known.Naming(s.Model.Kind));
        TaskCatalogue tasks = all.Aggregate(Tasks, (known, s) => known.Naming(s.Task.Kind));
        OptimizerCatalogue optimizers = all.SelectMany(s =>
                s.Optimizers.Select(o => o.Template.Kind).Concat((s.Probes?.Shadows ?? []).Select(o => o.Kind))
            )
            .Aggregate(Optimizers, (known, kind) => known.Naming(kind));
        ProbeCatalogue probes = all.SelectMany(s => s.Probes?.Names ?? []).Aggregate(Probes, (known, name) => known.Naming(name));
        return (models, tasks, optimizers, probes) == (Models, Tasks, Optimizers, Probes)
            ? this
            : new()
            {
                Models = models,
                Tasks = tasks,
                Optimizers = optimizers,
                Probes = probes,
            };
    }
}

// Configs of runs as flat settings: YAML without construction, JSON as Python writes it, arguments, and bytes of any kind.
using CsCheck;
using Gaplab.Numerics;
using Gaplab.Results.Folders;

namespace Gaplab.Pure.Tests.Folders;

public sealed class RunConfigSpecs
{
    [Theory]
    [InlineData("a: 1\nb: {c: x, d: {e: 'y z'}}\n", "a=1 b.c=x b.d.e=y z")]
    [InlineData("a: [1, 2.5, x]\nb:\n- {c: 1}\n- 2\n", "a=[1, 2.5, x] b.[].c=1 b=[{…}, 2]")]
    [InlineData("a: null\nb: ~\nc: 'null'\nd:\n", "a= b= c=null d=")]
    [InlineData("base: &b {lr: 1, w: 2}\nx:\n  <<: *b\n  lr: 3\ny: *b\n", "base.lr=1 base.w=2 x.lr=1 x.w=2 x.lr=3 y.lr=1 y.w=2")]
    [InlineData("o: !!python/name:torch.optim.adam.Adam ''\n", "o=torch.optim.adam.Adam")]
    [InlineData("o: !!python/object:torch.optim.SGD {lr: 1}\n", "o._target_=torch.optim.SGD o.lr=1")]
    [InlineData("o: !!python/object/apply:os.system ['true']\n", "o=[true]")]
    [InlineData("lr: {desc: null, value: 0.1}\n_wandb: {value: {x: 1}}\nopt: {value: {name: sgd}}\n", "lr=0.1 opt.name=sgd")]
    [InlineData("", "")]
    public void Yaml_is_flat(string text, string settings) => Assert.Equal(settings, Flat(text, "config.yaml"));

    [Theory]
    [InlineData(
        """{"a": 1e-3, "b": {"c": NaN, "d": -Infinity, "e": null}, "f": [1, "x"], "g": true}""",
        "a=1e-3 b.c=NaN b.d=-Infinity b.e= f=[1, x] g=true"
    )]
    [InlineData("""{"lr": {"value": 0.5, "desc": null}}""", "lr=0.5")]
    public void Json_is_flat(string text, string settings) => Assert.Equal(settings, Flat(text, "config.json"));

    [Theory]
    [InlineData("Namespace(lr=0.1, opt='sgd', betas=(0.9, 0.999), x=None)", "lr=0.1 opt=sgd betas=(0.9, 0.999) x=None")]
    [InlineData("train.py --lr 0.1 --batch-size=64 --nesterov --opt 'adam w'", "lr=0.1 batch_size=64 nesterov=true opt=adam w")]
    [InlineData("lr: 0.1\nbatch_size = 64\nopt sgd\n", "lr=0.1 batch_size=64 opt=sgd")]
    public void Arguments_are_flat(string text, string settings) => Assert.Equal(settings, Flat(text, "args.txt"));

    [Theory]
    [InlineData("- 1\n- 2\n", "holds a list; expected settings by name")]
    [InlineData("just words", "line 1: holds a text; expected settings by name")]
    [InlineData("a: [1, 2", "not valid YAML")]
    [InlineData("? [a]\n: 1\n", "line 1: a key is a list or a mapping; expected a name")]
    public void What_is_no_config_is_one_line(string text, string says)
    {
        string message = Assert.Throws<InputException>(() => RunConfig.Parse(text, "config.yaml")).Message;
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Depth_and_aliases_are_bounded()
    {
        Assert.Contains(
            "nested more than 64 deep",
            Assert.Throws<InputException>(() => RunConfig.Parse("a: " + new string('[', 100_000), "config.yaml")).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InputException>(() => RunConfig.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), "config.json"));
        // Each level stands for nine of the one before.
        string bomb = "a0: &a0 {x: 1}\n";
        for (int i = 1; i < 12; i++)
            bomb += $"a{i}: &a{i} {{{string.Join(", ", Enumerable.Range(0, 9).Select(k => $"k{k}: *a{i - 1}"))}}}\n";
        Assert.InRange(RunConfig.Parse(bomb, "config.yaml").Count, 1, RunConfig.MostKeys);
    }

    [Fact]
    public void Bytes_of_any_kind_are_settings_or_one_line()
    {
        byte[] whole = System.Text.Encoding.UTF8.GetBytes(
            "a: &x {lr: 1, o: !!python/name:torch.optim.Adam ''}\nb: [1, {c: 2}, *x]\nc:\n  <<: *x\n  d: |\n    text\n"
        );
        FixedSeeds.Check(
            ByteDamage.Any.Array[1, 6],
            2000,
            damages =>
            {
                string text = System.Text.Encoding.UTF8.GetString(ByteDamage.All(damages, whole));
                foreach (string name in (string[])["config.yaml", "config.json", "args.txt"])
                    try
                    {
                        Assert.InRange(RunConfig.Parse(text, name).Count, 0, RunConfig.MostKeys);
                    }
                    catch (InputException e)
                    {
                        Assert.DoesNotContain('\n', e.Message);
                    }
            }
        );
    }

    [Theory]
    [InlineData("micro_batch_size=4 grad_accum=8 num_gpus=2 num_nodes=2", "128", "micro_batch_size x grad_accum x num_gpus x num_nodes")]
    [InlineData("batch_size=32", "32", "")]
    [InlineData("batch_size=32 accumulate_grad_batches=1", "32", "")]
    [InlineData("trainer.accumulate_grad_batches=2 data.batch_size=32", "64", "data.batch_size x trainer.accumulate_grad_batches")]
    [InlineData("global_batch_size=256 micro_batch_size=4 world_size=8", "256", "")]
    [InlineData("per_device_train_batch_size=8 world_size=4 num_gpus=4", "32", "per_device_train_batch_size x world_size")]
    [InlineData("eval_batch_size=32", "", "")]
    [InlineData("batch_size=0", "", "")]
    [InlineData("batch_size=auto", "", "")]
    public void The_global_batch_is_a_product_of_what_is_there(string config, string batch, string product)
    {
        RunSettings settings = RunSettings.Of(Config(config));
        Assert.Equal((batch, product), (settings.Batch, settings.Product));
    }

    [Theory]
    [InlineData("optimizer.name=adamw optimizer.lr=0.1 scheduler.lr=9 seed=3", "adamw 0.1 3")]
    [InlineData("optim._target_=torch.optim.SGD optim.lr=0.1", "torch.optim.SGD 0.1 ")]
    [InlineData("model.optimizer.class_path=torch.optim.Adam model.optimizer.init_args.lr=0.1 seed_everything=1", "torch.optim.Adam 0.1 ")]
    [InlineData("opt=sgd learning_rate=1e-3 random_state=2", "sgd 1e-3 2")]
    [InlineData("train_loop_config.lr=0.5 train_loop_config.optimizer=lion", "lion 0.5 ")]
    public void Settings_are_found_by_the_last_parts_of_their_keys(string config, string said)
    {
        RunSettings settings = RunSettings.Of(Config(config));
        Assert.Equal(said, $"{settings.Optimizer} {settings.LearningRate} {settings.Seed}");
    }

    private static Dictionary<string, string> Config(string text) =>
        text.Split(' ').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);

    private static string Flat(string text, string name) => string.Join(' ', RunConfig.Parse(text, name).Select(s => $"{s.Key}={s.Value}"));
}

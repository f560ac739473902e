//! The ledger: what runs used, by model, by run, by session and by day.

use super::metadata::{REWIND, RunSummary};
use super::record::fields;
use super::response::ModelResponse;
use crate::error::{Error, ErrorKind, Result};
use crate::model::go_json::GoTime;
use crate::model::map::Map;
use crate::model::sorting::places_in_order;

/// How many tokens a price is for.
const MILLION: f64 = 1e6;
/// The length of a date, as in `2026-11-22`.
const DATE: usize = 10;

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usage {
    /// How many runs it is of.
    pub runs: i64,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Of those that went in, how many the provider had already.
    pub cached_tokens: i64,
    /// Of those that came out, how many were reasoning.
    pub reasoning_tokens: i64,
    /// In US dollars.
    pub cost_usd: f64,
}

fields!(Usage {
    keep runs,
    keep input_tokens,
    keep output_tokens,
    keep cached_tokens,
    keep reasoning_tokens,
    keep cost_usd,
});

impl Usage {
    fn add(&mut self, other: &Self) {
        self.runs = self.runs.saturating_add(other.runs);
        self.input_tokens = self.input_tokens.saturating_add(other.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(other.output_tokens);
        self.cached_tokens = self.cached_tokens.saturating_add(other.cached_tokens);
        self.reasoning_tokens = self.reasoning_tokens.saturating_add(other.reasoning_tokens);
        self.cost_usd += other.cost_usd;
    }

    /// What one answer used.
    fn of(response: &ModelResponse) -> Self {
        Self {
            runs: 0,
            input_tokens: response.input_tokens,
            output_tokens: response.output_tokens,
            cached_tokens: response.cached_tokens,
            reasoning_tokens: response.reasoning_tokens,
            cost_usd: response.cost_usd,
        }
    }
}

/// What was used by several models.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UsageByModel {
    /// By all of them.
    pub total: Usage,
    /// By each.
    pub models: Map<Usage>,
}

fields!(UsageByModel { keep total, keep models });

impl UsageByModel {
    /// What a run used. Answers of the same model are summed up.
    #[must_use]
    pub fn of_run(responses: &[ModelResponse]) -> Self {
        let mut run = Self::default();
        run.total.runs = 1;
        for response in responses {
            let used = Usage::of(response);
            run.total.add(&used);
            run.models.update(&response.model_id, |model| {
                model.add(&used);
                model.runs = 1;
            });
        }
        run
    }

    /// Adds what else was used.
    pub fn add(&mut self, other: &Self) {
        self.total.add(&other.total);
        for (model, used) in other.models.iter() {
            self.models.update(model, |known| known.add(used));
        }
    }

    /// Adds what another session used. Both are stored, so that a sum of costs cannot be refused: it is at most the largest number, as those of counts are.
    pub fn join(&mut self, other: &Self) {
        self.add(other);
        let bound = |used: &mut Usage| used.cost_usd = used.cost_usd.clamp(f64::MIN, f64::MAX);
        bound(&mut self.total);
        other.models.iter().for_each(|(model, _)| self.models.update(model, bound));
    }

    /// Makes sure that all costs are numbers.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidValue`].
    pub fn check(&self) -> Result<()> {
        let mut all = self.models.iter().map(|(_, used)| used).chain([&self.total]);
        match all.all(|used| used.cost_usd.is_finite()) {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::InvalidValue, "a cost has to be a number, and so has the sum of all")),
        }
    }
}

/// What a run used, with its place among the runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunUsage {
    /// Its place among the runs in short.
    pub run: i64,
    /// What all models used.
    pub total: Usage,
    /// What each used.
    pub models: Map<Usage>,
}

fields!(RunUsage { keep run, keep total, keep models });

/// What was used on a day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DayUsage {
    /// The day in UTC, as `2026-11-22`.
    pub day: String,
    /// What all models used.
    pub total: Usage,
    /// What each used.
    pub models: Map<Usage>,
}

fields!(DayUsage { keep day, keep total, keep models });

/// The day of a time in UTC, as `2026-11-22`.
#[must_use]
pub fn day_of(at: GoTime) -> String {
    at.at().to_iso().chars().take(DATE).collect()
}

/// Whether it is a day, as `2026-11-22`.
#[must_use]
pub fn is_day(day: &str) -> bool {
    GoTime::parse(&[day, "T00:00:00Z"].concat()).is_ok_and(|at| day_of(at) == day)
}

/// What a million tokens of a model cost, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModelPrice {
    /// Of those that go in.
    pub input: f64,
    /// Of those that come out.
    pub output: f64,
    /// Of those that go in and that the provider had already; as `input`, where it is not said.
    pub cached_input: Option<f64>,
    /// Of those that come out and are reasoning; as `output`, where it is not said.
    pub reasoning: Option<f64>,
}

fields!(ModelPrice { keep input, keep output, keep cached_input, keep reasoning });

impl ModelPrice {
    /// What an answer costs, in US dollars. Parts that are more than the whole count as the whole.
    ///
    /// ```
    /// use agent_datastore::model::session::{ModelPrice, ModelResponse};
    ///
    /// let price = ModelPrice { input: 3.0, output: 15.0, cached_input: Some(0.3), reasoning: None };
    /// let answer = ModelResponse { input_tokens: 1_000, cached_tokens: 800, output_tokens: 100, ..Default::default() };
    /// assert!((price.of(&answer) - 0.00234).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn of(&self, response: &ModelResponse) -> f64 {
        let cost = |all: i64, part: i64, price: f64, price_of_part: Option<f64>| {
            let all = all.max(0);
            let part = part.clamp(0, all);
            (all - part) as f64 * price + part as f64 * price_of_part.unwrap_or(price)
        };
        let input = cost(response.input_tokens, response.cached_tokens, self.input, self.cached_input);
        let output = cost(response.output_tokens, response.reasoning_tokens, self.output, self.reasoning);
        (input + output) / MILLION
    }
}

/// Prices by model.
pub type Prices = Map<ModelPrice>;

/// Answers with their costs: of those that say none, what the prices make of their tokens.
#[must_use]
pub fn priced(responses: &[ModelResponse], prices: &Prices) -> Vec<ModelResponse> {
    let mut responses = responses.to_vec();
    for response in &mut responses {
        if let Some(price) = prices.get(&response.model_id).filter(|_| response.cost_usd == 0.0) {
            response.cost_usd = price.of(response);
        }
    }
    responses
}

/// Which runs stand: of a marker that a run was taken back, the newest run before it that stood and had its prompt does not.
#[must_use]
pub fn standing(runs: &[RunSummary]) -> Vec<bool> {
    let hash = |place: usize| runs.get(place).map(|run| &run.prompt_hash);
    // Those of one prompt together, so that no choice of prompts makes it slow.
    let order = places_in_order(runs.len(), &|one, other| hash(one).cmp(&hash(other)).then(one.cmp(&other)));
    let mut standing: Vec<bool> = runs.iter().map(|run| run.kind != REWIND).collect();
    for same in order.chunk_by(|one, other| hash(*one) == hash(*other)) {
        let mut stack = Vec::new();
        for place in same {
            if standing.get(*place) == Some(&true) {
                stack.push(*place);
            } else if let Some(stands) = stack.pop().and_then(|taken| standing.get_mut(taken)) {
                *stands = false;
            }
        }
    }
    standing
}

#[cfg(all(test, not(target_arch = "wasm32")))]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;

    fn answer(model: &str, tokens: i64, cost: f64) -> ModelResponse {
        ModelResponse { model_id: model.to_owned(), output_tokens: tokens, cost_usd: cost, ..ModelResponse::default() }
    }

    #[test]
    fn a_run_is_one_run_of_each_model_whatever_the_number_of_its_answers() {
        let mut all = UsageByModel::of_run(&[answer("a", 1, 0.5), answer("b", 2, 0.0), answer("a", 4, 0.25)]);
        assert_eq!((all.total.runs, all.total.output_tokens, all.total.cost_usd), (1, 7, 0.75));
        let a = all.models.get("a").unwrap();
        assert_eq!((a.runs, a.output_tokens), (1, 5));
        all.add(&UsageByModel::of_run(&[answer("b", i64::MAX, 0.0)]));
        assert_eq!((all.total.runs, all.total.output_tokens), (2, i64::MAX));
        assert_eq!(all.models.get("b").map(|used| used.runs), Some(2));
        all.check().unwrap();
        all.add(&UsageByModel::of_run(&[answer("b", 0, f64::MAX), answer("b", 0, f64::MAX)]));
        assert_eq!(all.check().unwrap_err().kind(), ErrorKind::InvalidValue);
    }

    #[test]
    fn prices_are_for_answers_that_say_no_cost() {
        let prices = [("a".to_owned(), ModelPrice { input: 0.0, output: 2.0, ..ModelPrice::default() })].into();
        let costs = |responses: &[ModelResponse]| -> Vec<f64> {
            priced(responses, &prices).iter().map(|response| response.cost_usd).collect()
        };
        let odd = ModelResponse { reasoning_tokens: 10, cached_tokens: -5, ..answer("a", 1, 0.0) };
        let all = [answer("a", 500_000, 0.0), answer("a", 500_000, 0.125), answer("b", 500_000, 0.0), odd];
        assert_eq!(costs(&all), [1.0, 0.125, 0.0, 0.000_002]);
    }

    #[test]
    fn a_marker_takes_the_newest_run_before_it() {
        let run = |hash: &str, kind: &str| RunSummary {
            prompt_hash: hash.to_owned(),
            kind: kind.to_owned(),
            ..RunSummary::default()
        };
        let runs = [run("p", ""), run("p", ""), run("q", ""), run("p", REWIND), run("p", ""), run("z", REWIND)];
        assert_eq!(standing(&runs), [true, false, true, false, true, false]);
    }

    #[test]
    fn a_day_is_that_of_utc() {
        assert_eq!(day_of(GoTime::parse("2026-11-22T00:30:00+02:00").unwrap()), "2026-11-21");
    }
}

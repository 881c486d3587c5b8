//! Finding models on the Hub.

use std::cmp::Reverse;
use std::collections::HashSet;

use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, pin_mut};
use hf_hub::repository::ModelInfo;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tagsmith_checkpoint::families;

use crate::remote::needs;
use crate::retry::{Boxed, retry};
use crate::web::Subject;
use crate::{Cancel, Hub, HubError, parse_id};

/// Most models that are looked through for one page of results; the Hub's largest page.
const MOST: usize = 999;

/// Tasks whose models are worth fine-tuning to find names; one without a task may be.
const TASKS: &[&str] = &[
    "fill-mask",
    "feature-extraction",
    "token-classification",
    "sentence-similarity",
    "text-classification",
];

/// By what results are ordered, highest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename = "ModelSort")]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Downloads of the last month.
    #[default]
    Downloads,
    /// Likes.
    Likes,
    /// The time of the last change.
    Updated,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename = "ModelQuery")]
#[serde(default)]
pub struct Query {
    /// Part of a name, a whole name, or an address; empty for what is popular.
    pub text: String,
    /// A person or organisation.
    pub author: Option<String>,
    /// A task in the Hub's spelling, for instance `token-classification`.
    pub task: Option<String>,
    /// A language's code, for instance `de`.
    pub language: Option<String>,
    /// The order.
    pub sort: Sort,
    /// Only models that can be fine-tuned here.
    pub trainable: bool,
    /// How many at most, from 1 to 100.
    pub limit: usize,
    /// How many to leave out at the start.
    pub offset: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            text: String::new(),
            author: None,
            task: None,
            language: None,
            sort: Sort::default(),
            trainable: true,
            limit: 20,
            offset: 0,
        }
    }
}

/// Some results.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename = "FoundModels")]
pub struct Page {
    /// The models, in order.
    pub models: Vec<Found>,
    /// Whether there are others after them.
    pub more: bool,
}

/// A model on the Hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename = "FoundModel")]
pub struct Found {
    /// `ORG/NAME`, or `NAME`.
    pub id: String,
    /// Downloads of the last month.
    pub downloads: u64,
    /// Likes.
    pub likes: u64,
    /// When it was last changed, as in RFC 3339.
    pub updated: String,
    /// The licence that its card names.
    pub license: Option<String>,
    /// Codes of its languages.
    pub languages: Vec<String>,
    /// Its family, for instance `bert`.
    pub model_type: Option<String>,
    /// Whether it looks as if it could be fine-tuned; `Hub::details` looks closer.
    pub trainable: bool,
    /// Whether its terms must be accepted first.
    pub gated: bool,
}

impl Hub {
    /// Looks for models.
    ///
    /// # Errors
    /// The Hub cannot be asked, or refuses.
    pub async fn search(&self, query: &Query) -> Result<Page, HubError> {
        self.online()?;
        let limit = query.limit.clamp(1, 100);
        let named = self.named(query).await?;
        let text = match &named {
            Some(found) => found.id.clone(),
            None => query.text.trim().to_owned(),
        };
        let wanted = query.offset.saturating_add(limit).saturating_add(1);
        // The Hub takes one tag a question, so each family is a question of its own. All are asked at once.
        let types: Vec<Option<&str>> = match query.trainable {
            true => {
                let all = families::all();
                all.map(|family| Some(family.model_type)).collect()
            }
            false => vec![None],
        };
        let families = types.iter();
        let asked = families.map(|family| self.family(query, &text, *family, wanted));
        let mut found = try_join_all(asked).await?.concat();
        if types.len() > 1 {
            order(&mut found, query.sort);
        }
        let mut seen = HashSet::new();
        let models: Vec<Found> = named
            .into_iter()
            .chain(found)
            .filter(|model| seen.insert(model.id.clone()))
            .skip(query.offset)
            .take(limit + 1)
            .collect();
        let more = models.len() > limit;
        Ok(Page {
            models: models.into_iter().take(limit).collect(),
            more,
        })
    }

    /// The one model that the text names, if it does and there is one.
    async fn named(&self, query: &Query) -> Result<Option<Found>, HubError> {
        // One word alone is looked for in all names.
        if !query.text.contains('/') {
            return Ok(None);
        }
        let (id, revision) = parse_id(&query.text)?;
        match self
            .info(
                &id,
                revision.as_deref(),
                &self.query_retries,
                &Cancel::default(),
            )
            .await
        {
            Ok(info) => Ok(Some(Found::from(&info))),
            Err(
                HubError::NotFound { .. }
                | HubError::Unauthorized { .. }
                | HubError::Revision { .. },
            ) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// At least `wanted` models of a family that the query means, where the Hub has as many.
    async fn family(
        &self,
        query: &Query,
        text: &str,
        family: Option<&str>,
        wanted: usize,
    ) -> Result<Vec<Found>, HubError> {
        let mut limit = wanted.min(MOST);
        loop {
            let models = self.list(query, text, family, limit).await?;
            let came = models.len();
            let found: Vec<Found> = models
                .iter()
                .filter(|model| fits(model, query, family))
                .map(Found::from)
                .collect();
            if found.len() >= wanted || came < limit || limit == MOST {
                return Ok(found);
            }
            // Much was left out here that the Hub cannot leave out itself.
            limit = limit.saturating_mul(4).min(MOST);
        }
    }

    async fn list(
        &self,
        query: &Query,
        text: &str,
        family: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ModelInfo>, HubError> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let tag = family.map(str::to_owned).or_else(|| language(query));
        let sort = match query.sort {
            Sort::Downloads => "downloads",
            Sort::Likes => "likes",
            Sort::Updated => "lastModified",
        };
        let subject = Subject::default();
        retry(&self.query_retries, &Cancel::default(), || {
            let request = self
                .hf
                .list_models()
                .maybe_search(some(text))
                .maybe_author(query.author.clone())
                .maybe_filter(tag.clone())
                .maybe_pipeline_tag(query.task.clone())
                .sort(sort)
                .full(true)
                .card_data(true)
                .fetch_config(true)
                .limit(limit);
            async move {
                let stream = request
                    .send()
                    .map_err(|failure| self.web.error_of_hf(failure, subject))?;
                pin_mut!(stream);
                stream
                    .by_ref()
                    .try_collect()
                    .await
                    .map_err(|failure| self.web.error_of_hf(failure, subject))
            }
            .boxed_here()
        })
        .await
    }
}

fn language(query: &Query) -> Option<String> {
    let code = query.language.as_deref()?.trim().to_lowercase();
    (!code.is_empty()).then_some(code)
}

/// Whether a model is what the query means, as far as the Hub does not sort it out itself.
fn fits(model: &ModelInfo, query: &Query, family: Option<&str>) -> bool {
    let found = Found::from(model);
    let right_task = model
        .pipeline_tag
        .as_deref()
        .is_none_or(|task| query.task.is_some() || TASKS.contains(&task));
    let right_language = language(query).is_none_or(|code| found.languages.contains(&code));
    (family.is_none() || (found.trainable && right_task)) && right_language
}

fn order(found: &mut [Found], sort: Sort) {
    match sort {
        Sort::Downloads => found.sort_by_key(|model| Reverse(model.downloads)),
        Sort::Likes => found.sort_by_key(|model| Reverse(model.likes)),
        Sort::Updated => found.sort_by(|a, b| b.updated.cmp(&a.updated)),
    }
}

impl From<&ModelInfo> for Found {
    fn from(model: &ModelInfo) -> Self {
        let tags: Vec<&str> = model.tags.iter().flatten().map(String::as_str).collect();
        let card = model.card_data.as_ref();
        let model_type = family(model);
        let names: Option<Vec<&str>> = model
            .siblings
            .as_ref()
            .map(|files| files.iter().map(|file| file.rfilename.as_str()).collect());
        let whole = names.is_none_or(|names| needs(&names).is_empty());
        Self {
            id: model.id.clone(),
            downloads: model.downloads.unwrap_or(0),
            likes: model.likes.unwrap_or(0),
            updated: model
                .last_modified
                .clone()
                .or_else(|| model.created_at.clone())
                .unwrap_or_default(),
            license: license(card, &tags),
            languages: languages(card, &tags),
            trainable: whole
                && model_type
                    .as_deref()
                    .is_some_and(|it| families::of_model_type(it).is_some()),
            model_type,
            gated: !matches!(model.gated, None | Some(Value::Bool(false) | Value::Null)),
        }
    }
}

/// The family as the configuration names it; early checkpoints name none, but are tagged with it.
fn family(model: &ModelInfo) -> Option<String> {
    let config = model.config.as_ref();
    let named = config.and_then(|config| config.get("model_type")?.as_str());
    let class = || config?.get("architectures")?.get(0)?.as_str();
    let of_class = || Some(families::of_class(class()?)?.model_type);
    named.or_else(of_class).map(str::to_owned)
}

fn license(card: Option<&Value>, tags: &[&str]) -> Option<String> {
    let of = |key: &str| match card?.get(key)? {
        Value::String(name) => Some(name.clone()),
        Value::Array(names) => Some(names.first()?.as_str()?.to_owned()),
        _ => None,
    };
    let named = match of("license") {
        Some(other) if other == "other" => of("license_name").or(Some(other)),
        named => named,
    };
    let tagged = || tags.iter().find_map(|tag| tag.strip_prefix("license:"));
    named.or_else(|| tagged().map(str::to_owned))
}

fn languages(card: Option<&Value>, tags: &[&str]) -> Vec<String> {
    let named: Vec<String> = match card.and_then(|card| card.get("language")) {
        Some(Value::String(code)) => vec![code.clone()],
        Some(Value::Array(codes)) => codes
            .iter()
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    if !named.is_empty() {
        return named.iter().map(|code| code.to_lowercase()).collect();
    }
    // Among the tags, two letters alone can only be a language.
    tags.iter()
        .filter(|tag| {
            **tag == "multilingual"
                || (tag.len() == 2 && tag.bytes().all(|b| b.is_ascii_lowercase()))
        })
        .map(|tag| (*tag).to_owned())
        .collect()
}

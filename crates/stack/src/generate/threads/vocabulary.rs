//! What people write: English, Turkish and Chinese, few words very often and very many hardly ever.

use super::super::world::Chance;

/// The frequency of words falls with their rank, by half with every doubling; there are 2 to this power of them.
const DOUBLINGS: usize = 18;

const ENGLISH: &str = "
    the is it still available for you can and to price hello yes no thanks pick up today tomorrow how much when
    where what about would like see it's condition used new good morning please could send photo more pictures of
    with delivery weekend evening afternoon cash euros best offer last sorry sold interested address street number
    phone call me your my we they have has does work works battery screen charger box original receipt warranty
    size colour black white blue red green small large heavy bicycle desk laptop table chair sofa lamp book";
const TURKISH: &str = "
    merhaba fiyat ne kadar hâlâ satılık mı evet hayır teşekkürler bugün yarın akşam sabah olur var yok için bir bu çok
    daha nasıl nerede İstanbul'da Ankara'da İzmir'e kargo elden teslim ücretsiz pazarlık son gönderir misiniz fotoğraf
    durumu temiz ikinci el sıfır gibi kutusu faturası garanti şarj aleti ekran çizik küçük büyük kırmızı siyah beyaz
    mavi yeşil araba bisiklet masa sandalye dolap kitap şarkı çocuk ığdır ağır hafif güzel iyi günler kolay gelsin";
const CHINESE: &str = "
    你好 请问 还在 价格 多少 可以 便宜 一点 今天 明天 谢谢 什么 时候 哪里 地址 见面 照片 手机 电脑 自行车 桌子 椅子 沙发
    电池 屏幕 充电器 发票 保修 全新 二手 颜色 黑色 白色 中国 世界 北京 上海 快递 包邮 付款 现金 周末 晚上 早上 下午 没有
    问题 喜欢 需要 考虑 已经 卖掉 抱歉 不好意思";

const ENGLISH_SYLLABLES: &str = "
    ba co de di fa ge ha in ka la lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve vi wa we";
const TURKISH_SYLLABLES: &str = "
    ba be ça çe da de ğa ğe ka ke kı ki la le lı lü ma me mı mü na ne rı ri sa se sı sü şa şe tı ti ya ye yı yü za ze";
const CHARACTERS: &str = "
    的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好
    都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法
    此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再
    平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车
    白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题
    建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联";

/// In which language somebody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Turkish,
    Chinese,
}

impl Language {
    /// English six times of ten, Turkish three times.
    pub(super) fn any(chance: &mut Chance) -> Self {
        match chance.below(10) {
            0..6 => Self::English,
            6..9 => Self::Turkish,
            _ => Self::Chinese,
        }
    }
}

/// All words.
pub(super) struct Vocabulary {
    english: Words,
    turkish: Words,
    chinese: Words,
}

impl Vocabulary {
    pub(super) fn new() -> Self {
        let characters = CHARACTERS.split_whitespace().flat_map(|line| line.split(""));
        Self {
            english: Words::new(ENGLISH, ENGLISH_SYLLABLES.split_whitespace(), " "),
            turkish: Words::new(TURKISH, TURKISH_SYLLABLES.split_whitespace(), " "),
            chinese: Words::new(CHINESE, characters.filter(|one| !one.is_empty()), ""),
        }
    }

    /// So many words.
    pub(super) fn text(&self, language: Language, chance: &mut Chance, words: usize) -> String {
        let of = match language {
            Language::English => &self.english,
            Language::Turkish => &self.turkish,
            Language::Chinese => &self.chinese,
        };
        let words: Vec<String> = (0..words).map(|_| of.word(rank(chance))).collect();
        words.join(of.between)
    }
}

/// The words of one language.
struct Words {
    known: Vec<&'static str>,
    syllables: Vec<&'static str>,
    between: &'static str,
}

impl Words {
    fn new(
        known: &'static str,
        syllables: impl Iterator<Item = &'static str>,
        between: &'static str,
    ) -> Self {
        Self { known: known.split_whitespace().collect(), syllables: syllables.collect(), between }
    }

    /// The word of that rank: one of those that there are, or, for the rarer ones, one that sounds so.
    fn word(&self, rank: usize) -> String {
        self.known.get(rank).map_or_else(|| self.spelt(rank), |known| (*known).to_owned())
    }

    /// A number in the digits of the syllables.
    fn spelt(&self, number: usize) -> String {
        let base = self.syllables.len();
        let more = |rest: &usize| rest.checked_div(base).filter(|rest| *rest > 0);
        let digits = std::iter::successors(Some(number), more);
        digits.filter_map(|rest| self.syllables.get(rest.checked_rem(base)?)).copied().collect()
    }
}

fn rank(chance: &mut Chance) -> usize {
    let first = 1 << chance.below(DOUBLINGS);
    first - 1 + chance.below(first)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    #[test]
    fn some_words_are_everywhere_and_most_are_rare() {
        let (mut chance, vocabulary) = (Chance::new(7), Vocabulary::new());
        let mut times = HashMap::<String, usize>::new();
        for _ in 0..5_000 {
            let distinct: BTreeSet<_> =
                terms::of(&vocabulary.text(Language::any(&mut chance), &mut chance, 8)).into_iter().collect();
            for term in distinct {
                *times.entry(term).or_default() += 1;
            }
        }
        assert!(times["the"] > 500);
        assert!(times.values().filter(|times| **times == 1).count() > times.len() / 2);
        assert!(times.contains_key("sarki") && times.contains_key("你好"));
    }

    #[test]
    fn words_of_other_ranks_are_other_words() {
        let Vocabulary { english, turkish, chinese } = Vocabulary::new();
        for language in [english, turkish, chinese] {
            let words: BTreeSet<String> = (0..20_000).map(|rank| language.word(rank)).collect();
            assert!(words.len() > 19_900);
        }
    }
}

package ink

import "strings"

// surnames are those of about nine in ten people in the north-east of China, with the
// usual Korean and Manchu ones there. An own list; being on it only moves a character
// up among those that a drawing looks like.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤" +
	"朴安柳池南太全玄许权吉元车具都文咸裴慎佟关那富赫依舒伊傅葛温康施牛樊殷倪庄章鲁岳翟申耿焦左柏齐祝甘兰骆穆凌霍车卞宁栾鞠盖曲逄隋孔初车战仲丛历迟矫季单娄麻苗管卜路党边褚聂欧阳司诸上官尉谷巩柴宫商窦房米包洪鲍辛尚喻戚费解应欧翁滕席艾瞿冉常阎时"

func isSurname(r rune) bool { return strings.ContainsRune(surnames, r) }

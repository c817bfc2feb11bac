// A monitor of drift (week 12): a stream of windows of pictures, from a chosen window on with a share
// of the other maker's. The reader chooses the statistic, the size of a window, the share and the
// threshold; shown are the statistic window by window, its histogram over many windows without and
// with drift, and what the threshold costs: false alarms, missed windows, delay.
"use strict";

(() => {
  const { button, choice, element, randomNumbers, shape, slider } = globalThis.figureParts;

  // Numbers of pictures that the week's network was not trained on: the reference, and other emoji by
  // the same maker and by the other. Embeddings are signed bytes times a unit, 16 a picture, the rest
  // thousandths; written by dlcourse/data/datasets/derive_drift_pictures.py.
  const PICTURES = {
    unit: 0.3197,
    reference: {"embedding":"C/QnGwL7Bv4AAP/9AwP/AQL6LB0D+v/+AQID/QH9AwD/+isbAvwD//4B//8D/wL+//IkFf/9+gP+AgP+Av0BAQDxHxUC+v7/AAUB//4BA/8L9zYkBPoE/AQDAgAA/gQABPkyIAL3AAAAAAP+AP4B//b08wAA/f759gEDAPn+Af76+RoQ9wEA/wD8AfsD//38CfcuGv/+//4E/gMA/vwA/wTzHhb9+QAGAP8E/f//A/8D7RQM+/kC/Pv+/gAABwEA/fURBf8DB/j6/f8AAQcAAATzAAT79BL8BAAGAv/9AAMMAywcBfsEAQL9AP/+/AACAuwEAvb//gP9/P8FAAQDAf0C4xIQAv4ECfcDAgQEAAX35gQI+gL6/f0G/gYCAgIA+vbyAwT3AAH+BwMD/P////zn+gL98wH8/gb8BPz/A//pEAH/9QH6A/4B+QH+/gAA5hX+/fYA+wIAAvkD/QACAPYG+f3w+wD8AwT8APwCAv/1+/3+8/v9/wED+wH+AgEA8BD5+fv2/gIHBQH+/wIC//vz/wT0+wgA/QEABAEAAgLrFwsG+Pv4Af8A/f//AAIC7B4JAvj4/fsC//kC/gD9AuclBQHz/fz7AgH4A/wEAALwHQf/9/n9+QP/+gP+APwD4TsB/Pr8+gEBAfsDAgAAAugkB/79/fv/BQIBAP8BAwHoGQj9/v/yBP0AAP/+/f8H4jEE/PoD+QH9//sDAf8BAOYrCv/7//cA+/76AgMA/QHoKAL5AQECAAEDAgICBf8A8xAO/QP4/QD//wAEAwH6/ewkBgAL+QYB8gH9AgEC/gHmHv75Afv/Av8D/gIAAAP/6ysH/Aj4/QQBAgP/AgUAAOciDfr+Aff/Afz9BQL+/wH0GhAGBfkCBP4ABAX+BP4A7iUH//n2+/sFAv4A/gMAAeIzAfr8AvsB/f/+AwH/AwLqDPz9/f72CfoEBP8B/gEF7AH6APoD9wv5BQMAAf3/A+8fDv4C+AH6Af78Bv0B/ADwJAwABvv/AwAAAP8AAAP+/xcG/vsEAgL9+wUE/P75++wjCPz8BP8A//sFAwD+AAPqBwT3AgkE/fv/BP8F/wED8SH//fj/AQEB/gH8Afr+/ewO/P39+gMH/AH/AAX+AP/qFv79+f4ABPz//wAE/gH/8xn3//b2AgMAAwP9Av//AvAc+v/3+AMFAAICAAP//QLxDPcA+AENBP78Af0A+/8C7xYC9gIUFPsD/gIH/gADAvAYAPf/EhT7AP0CB/wAAwLuDPr//AL8B/8CAPwD/wAB9hT3//P4AwUCAgMBAf/8A/EiAgP2/gX7AwQA//4D/wDwHAQI+fwG/wMCAv3+Af8A7yf8A/sACgQFAwD9AP4CAPPw+fz6Af0A+QED//v9/wDs9AL5Aw35/vYEA/4AAP8C8AYYBf4H+/kB/wD8AQQC/fv4FgUK+gr2AQIDAAP+AQP88Q77/P8D8gT7AwEBAv0B8e4K9/4LAP0AA/7/CQMB//L2BvAEAgD4CAL//wcE/v307fz2+/r//QUC/f4DAAH99PwF+AIEB/4G///+B//8/vL3EgX3C/7//wL7AgD+Av347Pn4+vb9BAQC/gD//wH/8fP8+vcAAAMEAvoBAP0C+/zrA/z5CAgDBQD9AQIA//z69vv7+AABAQACAP8A/v77+Ov3CPcABQj7CfwEAQD///btAP4CAvgGAwX9AwD//wD29fv29AUCAQf5A//9+wL/7QcF+PoQC/8F/f4EAvwD/vT3Ef7yFPwAAPcABvr8Bfvx9AD79/77//wA/QAAAAAA+vYE/fMRAgEC//0D+gMG/Q3zBfr7AAEB/vcBCf4AAAL/BPkK+f0CCPz9APz/AwQAAe4GAfr+9Ab9/QIB/QH+AfbvDvr9EgX8AgECAQEDAQD78Qn1/g73BgP7AP76Av8A8/gg/AwB9vwF/gD6CPv5APXpBgH8Afr+/QT9AQIC/wAJAR/+Df33/wP4/wT7BfwB7/gC+/sE/wP5//8AA/8BAP3sCfj6AgL6//oCAv8D/wHwBAn1EQYDBf/9AP0C/gAB9vIR+AEI/QIB/P8BBf75/vP7CfwEEPoC/v4B//kEAgD/9Pz2/fYAAf79BgT8/f0H9/D+9fr+A/4G/f8CAP8B//fx+Pf1+wEBCQACAP/+Af8W8fn0AP3++P//AAL9+wEA9PoBAAMQCQn/BPz/Av8BAe8LE/IdBAgFBQD9AAX9Af/7Bg/zGAX6BP/9/PwBB/0G6wQL8xAC//z+AgX9Bf4EBPj2+AbyBwwH/gH8AgIB/wL//wH+Dv0FD/39//0C/wH/8AgI8QoFA/j6+QgC//8CAf4DEv4W/gsGAQH6/wED/f0DAAL2Bv3/CQD+BQECBv788vgJ9gQJ/vv5/QP+AQYAAAT1CwL6+/8EB/wJ/vv+///3+gXyAwUB+wIC/QED/f//+gAF+B79DQMCAgMA/AABAQYFAvQK+gIG9fkIAwAA//vt9wLzAgn3/vwBBf79/AAF/Pb//Bn9Bv7/Bfr/+/0B//r2/PwV/QT7/gT8/fv+AP/79QD6F/sF+v4F/P/6/gAA8vD//AkF+/78B/8A/v7+APHr/QP3CwEFAAr8AQH+AP/16Pn7///+BP8H/gD+/v3/+/D6/gH2AwMBBfwF/QD///b49f0E/woEAQECAwAC/wEA+PkF/vkNB/oBAQABAAEC+zH0AgcF/wP9/AD1/AQF+P8L9wX7AAn//AAB+v8EA//28AHyBfj6+wQBAP7/Av/++fIE9BH5//wAAv4A/f4A//7yBPsR+QQG/wUAAv7+/vv67wb6/wcG+gAE/gEBAgAC8+4BAwED+v34BgIE/gADA/b7BfQE+f4A/fsDAQH8/f718vv4AP4EBwQCAQAB/f3+7/T2/f7/+v/6BgMA/P8AAfLw/fn4/vz+/wP+/wABAf718/zw//3//gT9A////v/+++4A9gT6AwAG//0C/wD//f/5APQW/wkFAwEB//sD/f0F9woACvv+CQT7+P8BAAAD7AkK8BcG+/oCBAT8AgMGBfXwCfoEBf369f/+Av8A/gHy8Qb79Q7//fv/BQACAwQAC/L9+Af6APgEAPj/AAEA//Pr9AYMDe4ICQYEAAED/gL08Pr3Avn7/P8DAv/7/QIC8fL/9QX8+fn+AgL+/f8CAvP0/vQE/Pr6/wEC/v4AAwL29Pv8EP71BQkEA/7+AgAB+Pv0Awn6+QAF/wECAQQC//cEBgT6AfoI/f4GAP4B/wD38vX39f7/BQb+Bv78+/4B+v33+v78AQgCAQj9AAT/+/nwAvsFAwb6/gL+AAADAv8E8AL7Cfb///r8/gL9BAAA+ev6/PX+BQMFAQIBAf7///PyAPECAgD+BwAA/gQCAfv37/n0+vwBAQf+Af8A/v//+/n9BQT+Bgn7//8AAPwCA/D19/z7+/0IAAP//gH8/gD0+gj7AwQK/QH+Af4FAQH//vEK9f37+vj/+gAEAQH9AO72B+8ACfv6Av0BAAYAAP73DuQXBwkE//r4//r//AH5/AL99wj8BAYEAfr+AwEG//IR+Pf6+wv/BgMDAv7+BP/26Q3+9QP6/AT//f0GAQD87+0N+fwK9P/8AQD+A/7/A/kD5xEHAQH//v4B/QD+/gH4Aw0K+/sDAwD+B/0A/QIACvL2DPT/B//7+/33/Qb8BQPx+Qr0BAYD+v3/+v4G+wH1DNscCQT9+wX8Af8C/f7/8wPfGAoE+vcA/gAAAPz9APEB7A37Cgn8AAAB/AMA/QD1APQD+AUSAf4CAPsCAfsD/frmEwMA/QUC/AEIBQAB/fv24xcJ/fYAAv0BCQMBAf/79eQXBvz2/wT9AAgEBAL+8gvhGQsD//j9AP8A//r//vAa3xEJ/fz7Bv0D/AIAAQHyFuMSD/7+/wUCAfsAAQIB8wnhGwkKAPr7/fv///3//Pv2+Qny/g4A/gL+/QEBAAP+9vcI9AQRAwAA///+BgAB//X6//j+EgMJAAQAAP78Bfr66wYEAQEFBvwDAgEG/gD0+fsD9QkPAgMDAf4D/gAC+vL3/fT8C/0GAAL+////AvMC4RMMA/b2Af8B//39/gDyBN4dBwn89vz+/QL/+/78A/fuHQcAAwQB/AAHBAQFAvjz5xQJB/4BBQUDBQMB+gL9C/IG+Az+AgP5/vj6Agn8Auz9EvYBBAX+/wIHAggB/fjs7wgECfkC/QL//v8B+wH58O4REgLyBAYHBAcABAIB9On+BPsO/Qr8Cv4C/wD+AfX97wMUCvf9BwQA+PsDAARHAf8DAP4I/wAG/QAC/wIANQD1A/v/AQH7+f37AAP6A38jCwIOEQQB/wb8BgH//wEzBvz39v3z///9A/4EAQH/JPID/vr7+wL++gEC/f8BAF4gA/r+Cfv8/QkEAwQCAP1CAgAD/gAK/gQFBQH5AQEAJ/v28QX4+gcC+fv/AP8D/i3+7v78/QD8BPz9AQUCBAct+/D3AQD9/fr9/vsD+wAAJwkB8xD3CwD9+wQKAP39/iH7+vYI9QIH/vr8Af4AAwEa9/P7CPkJ/ff//gH/AAD8D//y8fr1//gI/gT/AgACAicT8/X4/Pr79wUL/wQDA/0o9PUG8/b4/AD9AAAGAgQFJv7x9/j9AvwEAgD6/gEA/z8J9/z7/QP7/AUE/gYBAP8m9Ab6/Pz1BAP7/fz8Af7/Ie/3APf4+/7+/fwAAwACAkP7+wX8AQQB/wD8+wH+AAIwGwgEAQEM+AAF/v74BvP9CyT/Ae7//v0GCwQA+/8B+0oFBPoIDAMABPv3A/78BAQ0/vf8/gED+wL8+v4D/v8IOA738/36+f78AwX/BAEA+zYH+/wO9AMJ+/77/QP/BwB6IhgJ9RXtBAoGAwH9/vwBLPb6/fP8/Pv9BPz+BvsBADkL+fX9/vv++gEFAAMC/v4r9v4D9Pr8/wAB//78AQEBEPfnAv71+/cC/wICAv8AAHUg/f0MDwcDAgUFBAD/AgA5AwH7BPv5BP79/fwAAP/8MPnz+AH6/gP4/v8BAf4C/zb5Cf/2DfUIB/f+/vj//gM=","confidence":[1000,1000,1000,997,998,1000,1000,418,927,1000,999,985,629,722,1000,426,999,636,389,750,996,999,956,717,991,461,999,1000,1000,1000,1000,1000,998,1000,1000,1000,961,998,1000,1000,1000,983,1000,1000,962,510,1000,1000,630,999,700,999,989,999,998,999,880,534,778,948,991,1000,998,1000,423,535,617,949,776,883,529,408,617,912,378,509,850,276,580,651,446,764,938,294,785,262,417,823,954,758,651,347,652,220,607,780,548,478,583,435,499,955,868,980,926,474,560,719,520,977,526,497,398,374,976,766,759,996,983,987,733,308,440,528,475,492,982,420,610,798,777,544,371,288,522,667,251,669,388,878,440,500,586,859,473,463,689,795,817,899,513,298,732,725,626,351,375,627,624,457,374,447,261,614,1000,804,982,890,647,997,617,755,603,1000,1000,996,578,1000,1000,1000,1000,996,995,1000,625,765,204,967,451,339,999,1000,999,999,913,641,863,957,408,845,1000,1000,1000,1000,993,1000,1000,998,1000,1000,992,987,971,969,999,1000,1000,1000,986,1000,1000,999,912,1000,1000,1000,1000,1000,1000,1000,1000,951,1000,1000,1000,998],"ink":[824,836,836,786,836,836,836,856,742,832,802,836,842,673,910,628,996,703,639,615,522,434,515,478,458,465,707,618,660,640,569,761,672,592,582,598,762,709,707,685,646,696,796,537,439,414,730,746,564,587,550,666,317,326,323,315,352,527,535,656,324,837,887,834,627,752,837,900,535,615,492,399,399,586,545,336,396,528,460,620,528,489,689,667,528,466,552,770,694,662,777,710,879,660,733,750,564,841,386,396,354,754,621,632,777,719,480,589,700,658,460,836,615,688,649,589,516,836,836,836,836,473,709,590,553,629,996,815,587,823,750,617,737,799,341,744,602,431,566,521,912,879,721,699,709,969,849,822,860,844,844,624,417,321,990,942,394,581,323,548,292,465,579,599,826,373,513,600,561,911,588,781,762,860,922,670,467,868,881,902,858,848,680,870,281,495,145,527,483,378,938,942,868,799,923,751,836,996,565,992,746,723,740,746,733,746,744,716,733,746,693,713,743,725,725,733,727,731,746,746,746,746,745,723,746,745,711,746,742,745,740,739,746,746,744,746]},
    same: {"embedding":"EPcmGQX7B/8A/AH/AgL/Av/3KhgF/AIA/QL+AAX/Af8C+TAdAfz+/gAAAf8D/wL++vYjDgQA//79AgD+A//+/wTsEgX+/Af7Bf//BAIAAP8I+CcbAfgG+///BP8AAQEA//D/CP0E9wH5+/z++gEDAQr4NCQB+wT/AwEDAQD/BQAI+C4d/fr//QD+Av8B/f//C/o3KAL6CPwBAgIAAP4EAv76KRX+AQL9//4AAAL//v0F9i4gAvsE/f4D//4EAwH+/e8QA//4CPMAAAEAAQL/AfT2+/n3/AEB/f0DAP8AAP4C7Q4G9fr6/Pf8BAX/AgEEAu4CAfUA/QX//P8FAAMCAfvn9gn9B/gI/gX/BgAC/gP78gL+9QMGBPz7AgP/A/7///L59/j7BgEE+wIB/v7/APIP/gH0+/7/AQT5Av8BAQHnFQD+9v/7AQEB+AD+/gD/8BL+B/X9/QP+Bfz//QMD//IL/gTw/v7//wX5APwEAf7x+AH1DPz+AwUF//0CAP//4x4D+f4I/AIAA/8DAAEEAOsYBf/y/vz7AwH4BfwD/gLnJAcD9Pz6/AEC9wP8BAAC7yIIBPf3/PwBA/wA/gQAAvUhDAP69v/6AwD8A/8A+wLyHAwC+Pj8+AT/+gP8AvwD5ioH/fv79gEB//wCAP4BBOMmAfv8A/gD/AH+AQEAAgHmIwb9/vz4AgIBAf8B/wQC5DID/PoC+gL9/v0CAQABAOMuBf/8AfkC+/7/AAIAAgLpJAn4A/wA+wH+/wUDAP0A5TQA/Qf2BQD6A/8CAAMCAuMvBPoAAPz+/wL9AwECAwHkMQX6Bvv9AQIEAgEDAgQB5SkG+vkB+f8D/vwF//8BAOcoBf4A/QEB/wACBQABAAHrIw4C+/j7+QL/+QL9Af4B4DUC+voC+gD+//wEAf8CAuQrCfz+Afj/+//7BAMB/wLvBwL99wv9A/7/BgP+AQIB6Rz//fn++QT+/gEBAP8CAfIdDPsE9/UEAfoBAf8BAAX0GAD7+QIF/wH9AQH///z/6ikK/f4C/wH8/f8CBP3+AeoIAfQHBgEA+wEH/wL+AQXyFgH//fz/BQL7BfsA/AD+9g8KAwD+/QUB/gL8//n8/uwS/Pz8+P8H+/8A/wX+Af7rI/n9+vgDAwMCAv4C/QIC7BT4/PX6AAMBAv4BAf4AAegk+vv3+wECAwH/AAL9AgLrEf8C8QP+BgD//wL+/QMA7B0C9QcMEP7//wIF/wAD/vUXDwEFBAb8Af3+APwCAgDpIff79vsCAwMBAAEA/QAD/hcBA+3/A/gDBf8B+wb8Afkh/gDw/gP4BAX/AfwE/QHyIQEA/v8FBwYAAv7//gP/9BkFAAAAAggF/wL9//4B//P0+vn/BP7/+QMGAfz//gHv8gj3+A3//AUB/v8IAAL8/fAEAPsGCQYD//0CAwH+//zvGgj9/P/4///9AgQCAf/x7Af69Qr+/QIC+wAFAQH88vwJ7wsB//YFAQP8CAP9APf1EPYHAATwAvwBAgUBAP/87g32//7/8gP5AwEBAv7+9u38+voABAAFAvwC/v4C+/juB/cBBAn5BP/+AwQBAvz18fr78gMBAf78A/39/P0BBvMM/vQK+AQC/wEG+v4F/vnzBAHyDQMC//sCAPgABP74+/v3/QED/v4FAAH/AAH7+fb4Avz8BwD3BQIE+wEA+vX09Pj39v0FAv8D//79AP/09QD/+wcJAgYEAvoI//8A7v4F/PsQBQD5/wIBAfwB/wfyGgH9EgYACvv/A/3/AAL26ggB+xD5BvsE/gH7//8A/vgG9/YE9wQD/AEH/voB/fH1/Pj++/wDBAT9/wIA///4+wP79AL4/f39AgH6AgMA+usMAPIJAv0F/P8CAQAA/fz7EP38CfoBBfkAAf0A/f3y7gX+Bwz7AwAI/v4DBP3/Auf1Bff/BAX///0CAQT7AQz+/vf6+AH/A/0BBf0C/gT96Av9/QX4BQD9AQAAAv8A+OsOAAAG/v77A/sBAgH8/vb2/PH4/Pz9Cf0AAf7/Af356wEA+/39//wD/QT9/QAA+u8F8wX8/vsE/gMAAwL9/ff6/gDzCg4ACf4CAQD9AQD17fj7+Pv9BAADAP7+/QD/9vH5/fUBBgIDAQH+Af7/Ae39D/v+Df76/PwA/wT6AQPw+fr3AQz+A/4FA/4AAQAGAPj8+xcNAPb6Afv++gMABPP9B/cTAgT//gL+/wD/Av4KHQj+GvwQB/4B//z+AAP4Avj8ABP+Cv33Af8D+gEABwz//PcO+QwI/gEEAf4CAP3+8wf0DQoEAgP7/vsBCQEA/wYP+RYHCQP1AAMH+gb6/v4GDvIREwr/BQD4Av0JAfno//74AQ31AfQEBgD8/P8H6wn/+/4E/ALz/AX+//r+BPkHBvQH+v4BAvv+AQT9/gD3/gL1CQD/BAT//P4EAf8A+gD2/xkDAf8BAv/++gADA/Lt9/8AA/gIAggA/wD+/wPoBP8AEQ37DfsL///++P8E+/X6/xb8Av3+Bvr+/P4B//z1//kX+wf7/wT9/fv+/wD7+P78Gf4G/v8G+//8/f//8fEA/wUE/Pr3Bf///P7/AAIALxwM9Qf8/gEAAAX+Af8B7/oBBfgIBf0A+Ab9/v/+8/L59/X5/gEDAAH//v8D//Lv+P/5BP4IAQf9AAH7/v/3AuwB//r//Pz/Bf/+/f4D9fkI+vwH+wT//QMB/PwC//3uAv/1AgD7+vwEA/8GBAPz+PoC9wYP/gIFAP4BAAEA9O0D/vQH/QD8/wD7AQQC//n4/PoCDgsDBQID//4CAAAJ8QL58wH8AwX8AwL4AAL9+OwLAPYDAP73/QAEAQQEAAT3BPIG/QT3AP0EAv8DAAH/7/z1//cD+QgC/gL///4A9PT19/72/AT/AwT//QD+AO/9/vkKCfwHBAUC+/8CAgH06/71+fr8/QX//v0B/wH9/P76/QEADvoC/AL6//8CAOsE+AEIDAD3/AID/AIBAwAV8PIF9/f8/f/8AAEEAwMC8fIIAPsM8gD4AQMC+PsDBQoB/QEO+hIC+fwHBPv/AAIV9/T0/gD++f77//v+//wC+O31BBAR8f8EAQP/+gEABeoABvUMEPv4/AIF/gQDAwTy+Af5EgH3Bv8FBP8A+/4E+vUD8wn8AAIEAAQAAQL9/QPy+fkA/QP7/P0IAPoDAwf/AwP5Df/9AAb+Afr7AwUCDuwEBQH4/vwCAf3+/P/+Avzw/vL6AP/4//wI//v/AQP2+PX79P4CAQX/BvsBAf39Au/x//r8/fb9AAYA/fv/AgTx8/sC+vwBAf0B/v4BAALx+v36CgEDAf8DAf7+/QL98u39/gUE9QcBCQD+AP3+A/jt+vr4Bf0DAf8D+wD/+wL28/vw/vn//gj+AwAC/v/+8/H3+vb8/wUHBQD+Av7/AAP2+fwG+AIN/vwCAAAB/wILFgH38gT5AAgBBwT6Afz57vkA9gX/+gEBAwH9A/7//wAS8ALy+v3+/AEC+v4D/vz0APkCGAH/9v8DAv78/gEB7foH9QAN/v3+AQL/BwICAP/4Av3wDgAGB/kEAfv9AP/vAQH0AQ4K+gP///8EAgH7+fD89wD3A///AAAC/v39APIT4hUKB//+/fcD/QL9AfoCDhIX6xAO/AP+CP35AAME/QP1DPX+DPr6/gL1/gIA///59Qv1AhAA/gAA+P8E/QT1/+IXBwT6+f39/gD//f0B9AHwCPoKEAEBAgD6AQH+/+4C7g31Bwv//wQD+wL+/gD89eUZBf34/wP9AQoEAgL9/fPkFgb79P0D/gEIAwICAPn25RQH+/MBBP8CBwMCAv3zB+EZDQL99/wAAAD/+v4A9gzcIA4GAPwC/gABAfwA/vAU3RoKAf37BvwB/QP9AQD0DN4WDQD7+AT9AfwA/gD//PflGAj89QAB/gIIAwID/grt+gXz+Qb7BQH+/f0C/wj17vX7+fT8AwEE/gD+/f7/9jX9+O8H+/0EBQAD+gD7+/327wz+BPkABfsA//wEBQLwA/gB9goTAQEBAP4D/f8D+un6Afj6AQH9AgAF/wIE/fQN3RkM//r5BP4B/wH7/wD4CukLDPwDAf8BBf/+/wD88grdHgcL+/f7/QAB//v9+vYC4BkFB/v4/fz////8/P8G9PEYBv/4AgD7AwUCBgIF/+r6EPYCAgUA/wEGAwcB/vzp8gH78vv//gT6AP7+AQD48PX68/v/AP7/BP38/PsB9vT0+vn1AQQCAgP+/v7///7r9fz69P7/AQP8APz///8yMwj97P3t9gUJBQMAB/4AJfjz+/j7/AH/+f/7AgMBAy4W//rw+uz3AAQD/QIABP4bFv397P/2+QEHAP/9BQH9VCUEB/YA/vkIDAQBBAL+BBPvAAMD/Qfx/wH6Bf39AAYj8/n5+fsCAv/8BAT//wMBMAYF/QQPDf0IA/wG9wMHAhj18fb++wX6AvwF/vv+/QQv/gD3Af4E/PsACAf//QH9HfIEBfoBCgP8AAMG/AMDAEAZ/Pj8+/j7/QMC/QQE/P4s/vbxAQH+APz9AP8B/QH9TBAB/P4G/vsEBv4AAQAGAiDw8f/29wD7/wH/AQP+AwMs/f/8AAsM/goA/AL//wgGYRoRBu8S7v4IBwX9/P7+/wvy+//89g0BAP0FA/4A/QE+/PsD+AUF+QID+/0C/QIILPrv+//8AP76/f/8A//+/2cVDAcEDQj4Awv5AwH+AgY3AP37Af4D/vsDAQIB/wL+Lv3x9AH////8/gH/AvwB/jEM9wEA9v8C+QAF/AABAP1QIAD0AwT7/PgHAgIDAvb6NwD9+wH+A/77AwECAf8C/jr8CAYA/vwA//75A/7//wMvGOz5+vj99QIDA/sGAAIBNPv9+wL/AgH8/P0AAf7/AEsc+fz/+/oA+wIH/AMG//8xA/j49gr6AAUA/f/+/wX/JADz9QX5Bf78//7+A/8DAAwwBQLmBvf5BggDAfsB9v0J9wUA+PYFAQX+BQX//PwAL/jwAPz+Bf0F/fsAAv8BCA==","confidence":[1000,1000,1000,978,825,1000,365,1000,1000,1000,992,1000,882,297,974,356,630,413,541,996,999,994,979,438,999,999,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,548,999,997,981,1000,387,984,883,996,1000,999,1000,991,918,958,1000,985,999,997,974,623,973,592,948,951,734,618,592,472,864,392,691,664,316,429,480,596,624,861,489,639,550,359,963,470,429,652,656,747,529,653,377,556,871,352,311,715,589,994,953,913,964,704,667,946,934,567,808,445,509,934,473,851,989,989,996,679,1000,774,375,226,643,362,374,381,720,497,315,529,762,579,636,716,375,340,830,991,435,556,957,831,888,574,680,749,807,537,839,621,657,425,521,454,524,804,498,355,423,586,669,700,514,551,793,402,1000,515,876,920,1000,951,987,1000,1000,1000,1000,1000,1000,1000,1000,597,285,999,978,312,355,1000,961,1000,1000,992,806,565,407,496,276,1000,1000,1000,974,1000,576,997,999,976,999,870,1000,1000,1000,1000,1000,1000,622,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,1000,999,978,460,1000],"ink":[841,836,836,715,828,822,836,836,842,836,877,836,750,525,683,528,705,494,361,573,474,789,676,558,489,535,672,809,765,646,673,582,686,549,631,688,646,850,617,596,638,637,579,577,413,522,622,534,579,503,677,825,338,314,310,312,412,528,870,335,754,760,863,893,671,545,448,862,555,765,754,586,572,501,534,756,638,567,625,406,507,636,584,658,615,496,688,503,710,797,555,515,701,770,390,708,574,440,548,243,554,639,992,795,897,996,694,779,738,662,631,551,596,512,885,568,508,836,836,836,836,836,662,404,344,644,677,739,766,781,506,526,585,781,475,358,605,381,649,1000,725,670,836,652,967,967,803,509,927,844,740,621,417,753,803,567,621,609,386,116,487,525,523,737,1000,614,389,502,447,837,645,747,771,895,576,653,883,859,892,859,807,852,842,893,387,279,572,891,532,609,896,650,906,946,941,748,820,391,215,593,746,734,746,645,746,746,702,742,682,746,703,746,745,746,713,715,746,672,746,737,746,744,745,742,746,744,746,746,733,746,746,736,521,680,715]},
    other: {"embedding":"GxIgJfH3/P//Agr+/f4ABAwaFBnt+Pn7AgQE//sBAQIRCCQf9fn9/QAACQH6/wICFgwZH/D3+v//AwT+/gADAxAKCAfv+gH6BgQKAvwA/QAIDQ4V8Pn8AAEDBP37AQQCEhcVFO/+9f0BAAT//P8C/iEOGx3u//gBBAII//n/AwEj/BcW+voF//4ABf77//4BIAwaHvH8AfoBAwL9+wP/BBUeHx3u/vv8BgUJAPsA/QAVFwwW7vv9/AAEA/38BP8B/uwE/fz4DPcGAAEBAAD///Tv//z1/gEB/wD9AgMAAv756wgD8AQC//8AAAUCAgX/+ekDAvL/AP//Af8DBAIDAPvn+wX4B/wJ/gT/A/8D/gIDBQH+8gECAgEDAwT7Bf7+//QC8gAC/QEF/P39AwH8/wXuBAL1Av4GAP77BP0BAgP29wL+9gcABwAA/wb+/QIAAfERDPMF+gj+//4D/QICAAjxBwfwBf0G/wD9AvwDAgDv/AfvD//9/gYDAvwGAP8A9f39/fkE/Qj9AgQD/QACAP0DEAfx/vj/APz9APsC+/78Hw4A+AP8/gMBAAT+Avr+/BkO//f07f8D/AQB/QP6AAUZCf798vUBBv8GAf4C/v//ABUH/fj6+/79/gP7Av4ACh4G+v/39QIB/QX+Af4A/QMgBvr2Bvz+AQMCBP8B/foCAgkC+Pj0BQP7Af39//8B8xYH/fP/+gAC/AEE/QH7/+8ZDPz4/vIA/vn/BP4A/gH/AQr7/AIC/wX6AAf7/vwA9hYO/QD69wMA+/wCAP/6//ERDvr5/vUAA/r/B//+/AD8Gg7+/vr7AgD9AgL+/vj97xv//Pf6+gP//AMAAAH7AvwPFvv8+fT8BPUDBvz99P8EBh0R7wT1AwD8BQX9/QH97RgO+/kB9f4A+AAG//7+Au8ZDfr8APT//fkABAD9/QH7KwUA/QoIBP4CBAH/AQL59yUG+/37+AUB/gcAAvwB/fER9wPxBQUG+P4I/f4A/QD2/vb/9P8ACv0BAgH///8B+g8T//wD/wAD+/8H/AH4/BQwAf/qEfj8CAcDAvsGAP3+CQn+9f/0BgX5B/78/wD+BA4MAfP78QMB/AX9/wD9/fQU9/z7+AQJ/v8F/gT+AP/7Fvn++PoGB/4CCP8F/PsA9AH1+vX+BgQC/wQAAP7///kY+fz0/AIGAgIHAAP9/v/zBAEA8gQFBAD/AQP/AAH/CSz/+/EEA/wECAoC/f/6/PkpD/37+Pf7BAABAAH+/QL5GPv/9P8FBP8EBQH///3+DwQPBPsGB/sEAAAC+QP9ARP/CwP6Bwj8BP/+AfgC/gD9DRQLABAVAQMB+gT+BgIA/ggVCQIJDAIFAPoC/AUCAgf48fz4+//++wMEAQP8//358Qz9/f8I/QX9AAMD+v/+AvMB/f4HDgcD+/4B/AL9AP3yEfkH/QL7BfkBAAQA+fvy6QT8/An4AQAG/f8B/v7/9O8C9P4DAfoEAf//Af///fjvE/IEA//zCPkAAwcB/fr77xT1AwEA8AX4AgMEAvz98P8RAfYOAfsC/AH+BP8C+/zrAfn2/QL+Bf7/Av/+Avv18P/+8AYD/gP+//wC/wD9RiESFOwH7QIFBgf++gIE/RAVCwzoGQr9BQcJBvMF/foA9fn79f8HAP8CAwP+/QD78PH+/PUD/gP7Af4AAf0B/wkXCgbtC//+Av0JAf39+/zv9AX1AAj+AAMB//8I/fwA8vQE8/sF/foA+gAAAv7//QPxFAH1CPsCA/kBCfv/BP4A8gwC7A/2CQH5AQL4/wP//gAE+vkEAQII/AEH/P///u8A/P33/PwF/gH9Af///wAZFhQJ6A7sBQf6CALzAAL6E/8H/fEL/wAH/v8H+f/9/+8fDgH3AfX/A/36AwD7AQH87P74/Ab+BP7/AP3+A/0D++j8AvQCAQT+/wABAgT+/w/vBwH6+P0D+fn/BP8D/wH77Qr4+QT+/gL7/wIAAP399+0C+AMK/gH5AAD//gL9APjs/PP8+vsBCP4C/wH+///25/z89fkA/v8C/AAA/gIBAPT69/70AgMA/gMC/QH9/v/1Av38Aw4DBf0BAwL+/AD4DvT48Pr//wQBAwD9//3///P3BfgADQoCAwD/AQL9BvD0DPv5C/3+/f39AQP7/wDs/g3wCwgA/AX///4K/wD8NRwC/gwOD/j+BPMB+AcB/Pv4B/EV/QT3//8D//0AAQD5+xH3EgIDAv/7//0D//0B++/3+gH8BAH/AAMB/P8AAh0dBQYCDxwD/QYKBv0F+/3++gz2BwMFAwT5AQT8/vr7DQgbCQoDCwj//fwF/P/8/gYBDPUWAw0DAP37AQEE/v7u9v/1AAP2//oBAwD8/P8E7w8A+Pz/+wH4+gX///3/Af7z/vgI+v4NBf/9/gACBAD4/wHzDfkCCAMA/wACAAT8IfUNCwMDAQj7/f4C+P8C+vr7Cfr+BvkKAgD/Af8C/gDyBgH4CP37Bvn+BAP6/QAC+v3//Av2CwcCAv//A/4AAP39AvwN9g0IAv///wP9AAH8/AD8DfYMCQEC/gAC/wAA9/D5/fgF//73/QL8+/77Ae0zBwz2/AP9AgT7//7/AgL2BQD5+PwF+gUB+Qf8AP7//vX0+/b0AgYBAAUC/v///vIJ+/7sAQACBAH+BPsCAAD5D/v8/AAICPwDBAIC//38/vMHAfUHCQIG+wME/f7+/QTy+/zy+wD9//8B/wAE/gP0A/wB+AIPAAQBBP4B/v8D9e8Q//cQAgD+Af4BBgUD/BEKAvr0CAACDf4CB/r/AQQF6gD/9QQECQL//wD8Av0A+fYN8wwICvYF/f8CAwL8/wf++f4IAgX8/f4C/fgDAwED7gH0BPgI/AT+AwP8//z9+f779v/3/gL9/wUA/QD9+/Dx+vj8BfsG/AIC/f79/wD0+vn2+f4EAAP/Av8AAP/8/vf9+vz/C/8D/v8B/gAA//f98QP6+Qn9/f8C+gD8/gUP7v4B9ff+Afn8Av/+BP8A/hgF/eoM9/4DAQUH9wMB/AUP8v/7/AgA/wEE/AECAv8L8wLu/P76+gT7Av8B//z/9v0C+vcF8gT7/gQC+f8DA/LxB/X/BPr8+fwA/wL+/wHx8wPxBwT3AAMDAP7///0A9fIB8AH5+/8I/f7/AQAA/fnt+fj4//0I/v0DAP39AAMi//j09gH7+wT+Af78/wT+JvUMDPQAAfsCA/8B/AACBBz5+vH+AQH6/P0HAQL+/wD59/f49fz/BQf8Avz/Av7/8RH4+vD7//0EA/sC+gP//gnr+QEE+gEA+gIBB/z9Av7y9fn1Av39BAEBAv7+/v///fgN+gX7+Qj++QAHAPv9AO70Bvj6CfoA/f/+/wT////38wH0BPoCAAX+AgD/+/789PL2+Pn3/gQGAgL+Av/+AP/29AcA+/wC+/oA/wAAAgYRMwAF7wgJAAYJCgP7APn68PoF9QcAAQQD//wABPwA+/8P7Ar6AAMB+gAF+wIAAPf0Bf37FvwC/QICAv0A/gD/7/cC8/8GAPsB//8AB/7/AAEI/fz4AAUHAAIGBPwD//z4+wD0A/wHAQT+/gX//gD8+vP6+gH0BgUAAAACAP4AABEB6g0IAP8F+vgCAQECAfoFChMW7f4D/AAABP38Af4B+vD/Avr9Af73/gH7/gQAAfztBQH3/gH89/0A//4EAQHxAfgBFP7+/AECAfz9/AAB7gT7/hQCAPYCBgP9/v4C/+8L/PsV/AP6BgQD+wH+AQAD8PAYAPz7AwD8AgoFBQP/9+j1CgAI+AgABQAEAgT8/wP7+Qf4CQYD9gD+//sC//f/7e0RAwT+BAIB/wMDA/wEAfHmEgcFAAYF/QEFBAX6AgHz5BEHB/sECfoBAwQE+gP/9OYPCAb7BQj8AgMDBPsC+er2/vgCAwUEBAAAAv/+AAvu9/j2+vz5Bf39/AIA/wP07vX8+PT9AwIE/v/+/f7/AiQBAOkI+v0DBgED+gH6+gLz+QbyBf4GBvn//voEBgD38vv6/v4L//4AAP4AAQEA+uz/BPf7BQL+BQAFAAAD//T69f4RAP30AQMA+/3+AQMCA+sH+/r9//3+BgIBAv/58/30BBQD/ff/AgH++/wBAPMB9/0V//74AgED+/3//wEM9vEXAfj4AwD8AAMDAgMF/ur7DvX/AgT8AAAFAwcB/vjo+P779fr//wX6Af79AgD48vT79fgFAQT/A/8A/P4A/vny+frwAQUBAgX/AP//APjt9fn59P0CAgL//////v8+IgL48Pzt+QQICAIBBP3/L/v39/sA+QT/+gL4/gH9Bjsj+ffv++/4AAUJ/AQB//oZC/v77vz8+AAEBf38A/79Tx4HAfcB+vkHCQIDAgL5BRf1Afr+/Af1Af0ABf79/wQr8/T7/wQC//37+fr++/sCMf0C/AAMDv8IAAEE+P4EAx7/8vX9+gv9AfwM/vn9+f8n+//z//8E/P4ACgf++gH7KPUGA/f8BP/8/ggF/QH8AEEX+/j7APv6/AIE+gIB+P4m+vfy/v//Af39BP8A/f7+Qwb/+PsG/P4FA/7+//0DAiv49Pr2+gb9/gMFAgH/AQMo9Pv8/AcN/Av//v8AAAUKXRYMBPEM9PwJBQf8+v76Afz5+AH4+Q4DAv8CAv///gQ7+/kA9wMF+wED/PsB/QIIKvzy+P39A//6/QT8A/77/lkPDQL/DQP5Agf7AwH8/wQx/v/6Af4D//oBAgEAAAH9KPn18/7+AAD+/gT/APz//iz++QH9+AIC+AAGAAD///9LGQLzAQP8/foFBQQD/vb6Mf7/+gH+A//6AQIBAAAB/Tj6DAD+BP4C//n6BP/++wIyCOz79vf/+QAFB/0GAAABPv4E+QQD/wYA+v4B/vv9/0YQ/Pv8/vz/+wIJ/gIC/P0z//j09wX6/gP//v3//QIBKfr29wX8DwD6AAYD/////BAr/ADnAPr5BgcI/v0B+f397QEB8/4KAQP+/wT//gH/LfjxAvb8CfwF///9AQP/CQ==","confidence":[999,718,1000,995,736,792,718,845,737,909,959,421,491,520,818,525,379,478,445,485,298,590,266,660,361,380,989,995,936,877,830,923,334,991,997,321,989,968,972,999,757,852,996,997,955,998,652,430,534,533,522,646,980,934,562,968,601,905,1000,937,305,524,435,496,706,696,501,402,550,538,885,847,967,599,894,1000,569,237,311,297,472,629,454,680,379,826,319,387,999,366,450,489,595,524,703,262,482,465,960,530,796,497,993,737,870,464,763,364,504,988,490,966,469,673,612,677,399,882,935,940,475,1000,850,374,942,620,853,395,410,974,558,266,467,610,463,495,456,389,401,573,773,676,560,524,382,265,511,522,457,998,971,973,688,996,299,661,832,635,607,654,625,573,541,947,497,547,586,478,413,868,928,363,377,616,681,547,998,865,622,995,999,999,997,297,885,297,955,747,402,511,631,960,565,827,943,735,233,412,516,495,1000,1000,1000,981,1000,968,1000,999,982,997,993,1000,999,1000,1000,1000,1000,281,1000,1000,1000,1000,1000,999,1000,1000,1000,1000,1000,1000,1000,998,845,574,1000],"ink":[702,692,706,726,538,681,691,691,738,692,669,692,626,496,529,585,614,562,409,441,395,633,582,526,363,741,572,696,617,738,568,575,736,530,693,668,690,641,639,587,682,600,638,636,390,500,478,276,610,655,711,739,307,250,256,250,389,475,797,326,814,805,694,732,695,572,423,698,623,541,494,564,463,483,397,657,550,402,549,374,437,509,566,541,353,438,740,501,649,634,617,653,580,771,382,568,471,289,363,228,471,423,978,807,764,901,513,635,601,647,570,488,310,346,931,545,504,458,462,462,747,754,499,354,276,444,354,580,516,680,449,440,688,985,528,420,416,356,562,686,692,439,712,612,751,707,663,479,396,620,603,613,266,532,825,494,494,532,480,174,723,351,478,930,982,343,319,413,475,894,531,729,726,879,910,885,938,734,731,850,895,905,912,429,555,214,609,933,565,549,941,696,924,916,914,688,718,246,82,396,619,619,618,537,619,619,619,508,489,618,578,619,619,619,394,509,619,343,619,589,619,618,618,577,619,618,570,508,612,619,619,503,403,416,477]},
  };

  const COMPONENTS = 16;
  const BINS = 10; // of PSI, between the reference's deciles
  const SIZES = [25, 50, 100, 200]; // pictures of a window
  const WINDOWS = 100; // of a stream
  const QUIET = 4000; // windows without drift, for the histogram and the threshold
  const DRIFTED = 1000; // windows with drift, for the histogram
  const SEEDS = { quiet: 12, drifted: 13, stream: 1000 }; // the last one grows
  const RULE = 0.2; // of thumb, for PSI
  const PROMISED = 0.01; // share of false alarms
  const BARS = 48; // of the histogram
  const BLUE = "#0072b2";
  const ORANGE = "#d55e00";

  const NUMBERS = {
    ink: { name: "share of ink" },
    confidence: { name: "confidence" },
    component: { name: "first component" },
  };
  // The axis goes from 0 to high, and so does the threshold, in steps.
  const STATISTICS = {
    psi: { name: "PSI", high: 1.4, step: 0.005, decimals: 3, tick: 0.2, ofNumber: true },
    ks: { name: "KS", high: 0.6, step: 0.002, decimals: 3, tick: 0.1, ofNumber: true },
    mmd: { name: "MMD of embeddings", high: 0.35, step: 0.001, decimals: 3, tick: 0.1 },
    distance: { name: "distance of mean embeddings", high: 8, step: 0.02, decimals: 2, tick: 2 },
  };

  // --- statistics ------------------------------------------------------------------------------
  // Rows of an embedding, each an array.
  function rows(text, unit) {
    const bytes = Int8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return Array.from({ length: bytes.length / COMPONENTS }, (_, row) =>
      Array.from(bytes.subarray(row * COMPONENTS, (row + 1) * COMPONENTS), (byte) => byte * unit));
  }

  // What is measured of each picture of a set: { embedding, component, confidence, ink }.
  function unpacked({ embedding, confidence, ink }) {
    const features = rows(embedding, PICTURES.unit);
    return {
      embedding: features,
      component: features.map((row) => row[0]),
      confidence: confidence.map((value) => value / 1000),
      ink: ink.map((value) => value / 1000),
    };
  }

  const reference = unpacked(PICTURES.reference);
  const [same, other] = [PICTURES.same, PICTURES.other].map(unpacked);
  // Windows are drawn from both, the same maker's first.
  const pool = Object.fromEntries(Object.keys(same).map((key) => [key, [...same[key], ...other[key]]]));

  const sorted = (values) => Float64Array.from(values).sort();

  // Between neighbours in order, as numpy.quantile has it.
  function quantile(ordered, share) {
    const place = share * (ordered.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, ordered.length - 1);
    return ordered[below] + (place - below) * (ordered[above] - ordered[below]);
  }

  const decileEdges = (values) =>
    Array.from({ length: BINS - 1 }, (_, k) => quantile(sorted(values), (k + 1) / BINS));

  // Share of each bin; half a picture is added to each, so that none is empty.
  function shares(values, edges) {
    const counts = Array(BINS).fill(0.5);
    for (const value of values) {
      let bin = 0;
      while (bin < edges.length && value >= edges[bin]) bin += 1;
      counts[bin] += 1;
    }
    return counts.map((count) => count / (values.length + BINS / 2));
  }

  const indexOf = (expected, found) =>
    expected.reduce((sum, e, bin) => sum + (found[bin] - e) * Math.log(found[bin] / e), 0);

  function psi(values, from) {
    const edges = decileEdges(from);
    return indexOf(shares(from, edges), shares(values, edges));
  }

  // Largest distance of two empirical distribution functions; both arrays are sorted.
  function largestGap(a, b) {
    let [i, j, largest] = [0, 0, 0];
    while (i < a.length && j < b.length) {
      const value = Math.min(a[i], b[j]);
      while (i < a.length && a[i] === value) i += 1;
      while (j < b.length && b[j] === value) j += 1;
      largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
    }
    return largest;
  }

  const ks = (values, from) => largestGap(sorted(from), sorted(values));

  const squaredDistance = (a, b) => a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0);
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanRow = (points) => points[0].map((_, k) => mean(points.map((point) => point[k])));

  // What MMD needs, computed once: the Gaussian kernel between pictures of the pool, its mean between
  // each of them and the reference, and its mean within the reference. The kernel's width is the median
  // distance of two pictures of the reference.
  function kernels() {
    const points = reference.embedding;
    const pairs = points.flatMap((a, i) => points.slice(0, i).map((b) => squaredDistance(a, b)));
    const squaredWidth = quantile(sorted(pairs), 0.5);
    const kernel = (a, b) => Math.exp(-squaredDistance(a, b) / (2 * squaredWidth));
    const toReference = (a) => mean(points.map((b) => kernel(a, b)));
    return {
      amongPool: pool.embedding.map((a) => Float64Array.from(pool.embedding, (b) => kernel(a, b))),
      toReference: pool.embedding.map(toReference),
      amongReference: mean(points.map(toReference)),
    };
  }

  // The root of the biased estimate: a distance, which is not negative. Means are over all pairs, those
  // of a picture with itself too.
  function mmdOf({ amongPool, toReference, amongReference }) {
    return (window) => {
      const n = window.length;
      let [among, to] = [n / 2, 0];
      for (let k = 0; k < n; k += 1) {
        const row = amongPool[window[k]];
        for (let l = 0; l < k; l += 1) among += row[window[l]];
        to += toReference[window[k]];
      }
      return Math.sqrt(Math.max(0, (2 * among) / n ** 2 - (2 * to) / n + amongReference));
    };
  }

  function distanceOf() {
    const centre = meanRow(reference.embedding);
    return (window) => Math.sqrt(squaredDistance(meanRow(window.map((place) => pool.embedding[place])), centre));
  }

  function psiOf(number) {
    const edges = decileEdges(reference[number]);
    const expected = shares(reference[number], edges);
    return (window) => indexOf(expected, shares(window.map((place) => pool[number][place]), edges));
  }

  function ksOf(number) {
    const from = sorted(reference[number]);
    return (window) => largestGap(from, sorted(window.map((place) => pool[number][place])));
  }

  // A function that is called once for each list of arguments.
  function remembered(compute) {
    const known = new Map();
    return (...of) => {
      const key = JSON.stringify(of);
      if (!known.has(key)) known.set(key, compute(...of));
      return known.get(key);
    };
  }

  // From a window, an array of places in the pool, to its statistic.
  const measure = remembered((statistic, number) => ({
    psi: () => psiOf(number),
    ks: () => ksOf(number),
    mmd: () => mmdOf(kernels()),
    distance: distanceOf,
  })[statistic]());

  // --- windows ---------------------------------------------------------------------------------
  // A window of n pictures drawn with replacement; each is the other maker's with the share given.
  function drawn(random, n, share) {
    return Array.from({ length: n }, () => {
      const place = Math.floor(random() * same.ink.length);
      return random() < share ? same.ink.length + place : place;
    });
  }

  // Statistics of so many windows that are alike, sorted.
  function population(statistic, number, n, share, count, seed) {
    const random = randomNumbers(seed);
    const value = measure(statistic, number);
    return sorted(Array.from({ length: count }, () => value(drawn(random, n, share))));
  }

  const quiet = remembered((statistic, number, n) => population(statistic, number, n, 0, QUIET, SEEDS.quiet));
  const drifted = remembered((statistic, number, n, share) =>
    population(statistic, number, n, share, DRIFTED, SEEDS.drifted));

  // Statistics of a stream's windows in order; the first `change` of them are without drift.
  function stream({ statistic, number, n, share, change }, seed) {
    const random = randomNumbers(seed);
    const value = measure(statistic, number);
    return Array.from({ length: WINDOWS }, (_, k) => value(drawn(random, n, k < change ? 0 : share)));
  }

  const over = (values, threshold) => values.filter((value) => value > threshold).length;

  // False alarms, missed windows, and which window after the change is the first with an alarm (from
  // 1; 0: none).
  function judged(values, change, threshold) {
    const after = values.slice(change);
    return {
      falseAlarms: over(values.slice(0, change), threshold),
      missed: after.length - over(after, threshold),
      delay: after.findIndex((value) => value > threshold) + 1,
    };
  }

  // The least step of the threshold's slider that at most the promised share of the values exceeds.
  function calibrated(values, step) {
    const exact = values[values.length - 1 - Math.floor(PROMISED * values.length)];
    return Math.max(0, Math.ceil(exact / step - 1e-9) * step);
  }

  globalThis.driftFunctions = {
    PICTURES, STATISTICS, reference, pool, psi, ks, measure, drawn, quiet, stream, judged, calibrated,
  };

  // --- drawing ---------------------------------------------------------------------------------
  const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}\u00a0%`;
  const counted = (count, name) => `${count.toLocaleString("en")} ${name}${count === 1 ? "" : "s"}`;

  function ordinal(k) {
    const ending = k % 100 > 10 && k % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][k % 10] ?? "th";
    return `${k}${ending}`;
  }

  // Sizes in SVG units; on a phone the picture is narrower, so that its text stays legible.
  const WIDE = { width: 520, histogram: 170, height: 270, mark: 4 };
  const NARROW = { width: 255, histogram: 95, height: 300, mark: 3.2 };
  const MARGIN = { left: 52, top: 28, right: 8, bottom: 44, between: 14 };

  function axes({ width, histogram, height }, { high, tick, name, ofNumber }, number, toY) {
    const group = shape("g", { class: "axes" });
    const whole = width + MARGIN.between + histogram;
    for (let k = 0; k * tick <= high + 1e-9; k += 1) {
      const y = toY(k * tick);
      group.append(
        shape("path", { d: `M0 ${y} h${whole}`, "stroke-opacity": k === 0 ? 0.7 : 0.18 }),
        shape("text", { x: -7, y: y + 5, "text-anchor": "end" }, (k * tick).toFixed(tick < 1 ? 1 : 0)),
      );
    }
    for (let window = 0; window <= WINDOWS; window += 25) {
      group.append(shape("text", { x: (width * window) / WINDOWS, y: height + 19, "text-anchor": "middle" }, String(window)));
    }
    const right = width + MARGIN.between + histogram / 2;
    group.append(
      shape("text", { x: 0, y: -10 }, ofNumber ? `${name} of ${NUMBERS[number].name}` : name),
      shape("text", { x: width / 2, y: height + 38, "text-anchor": "middle" }, "window"),
      shape("text", { x: right, y: height + 19, "text-anchor": "middle" }, "share of"),
      shape("text", { x: right, y: height + 38, "text-anchor": "middle" }, "windows"),
    );
    return group;
  }

  // One mark a window: a dot for an alarm after the change, a cross for a false one, else a ring.
  function mark(x, y, size, alarm, drifted) {
    if (alarm && !drifted) {
      const cross = `M${x - size} ${y - size} l${2 * size} ${2 * size} m0 ${-2 * size} l${-2 * size} ${2 * size}`;
      return shape("path", { class: "false", d: cross, stroke: ORANGE, "stroke-width": 2.4, fill: "none" });
    }
    const look = alarm
      ? { class: "caught", fill: BLUE, r: 0.85 * size }
      : { class: "silent", fill: "none", stroke: "currentColor", "stroke-opacity": 0.75, r: 0.5 * size };
    return shape("circle", { cx: x, cy: y, ...look });
  }

  // Shares of values in equal bars from 0 to high; what lies beyond counts in the last.
  function heights(values, { high }) {
    const counts = Array(BARS).fill(0);
    for (const value of values) {
      counts[Math.min(Math.floor((value / high) * BARS), BARS - 1)] += 1 / values.length;
    }
    return counts;
  }

  function histograms({ width, histogram, height }, quietBars, driftedBars) {
    const largest = Math.max(...quietBars, ...driftedBars);
    const thick = height / BARS;
    const left = width + MARGIN.between;
    const top = (bar) => height - (bar + 1) * thick;
    const group = shape("g");
    quietBars.forEach((share, bar) => {
      if (share === 0) return;
      group.append(shape("rect", { class: "quiet", x: left, y: top(bar), width: (share / largest) * histogram, height: thick, fill: BLUE, "fill-opacity": 0.65 }));
    });
    const first = driftedBars.findIndex((share) => share > 0);
    const last = driftedBars.findLastIndex((share) => share > 0);
    const corners = driftedBars.slice(first, last + 1).map((share, k) =>
      `H${(left + (share / largest) * histogram).toFixed(1)} V${top(first + k).toFixed(1)}`);
    group.append(
      shape("path", { class: "drifted", d: `M${left} ${(top(first) + thick).toFixed(1)} ${corners.join(" ")} H${left}`, fill: "none", stroke: ORANGE, "stroke-width": 2 }),
      shape("path", { d: `M${left} 0 V${height}`, stroke: "currentColor", "stroke-opacity": 0.7 }),
    );
    return group;
  }

  // --- words -----------------------------------------------------------------------------------
  function outcome({ n, share, change }, { falseAlarms, missed, delay }) {
    const before = `Before the change: ${counted(falseAlarms, "false alarm")} in ${change} windows.`;
    if (share === 0) return `${before} After it nothing changes.`;
    const first = delay === 0 ? "no alarm at all" : `first alarm in the ${ordinal(delay)} of them, after ${(delay * n).toLocaleString("en")} pictures`;
    return `${before} After it: ${missed} of ${WINDOWS - change} windows missed, ${first}.`;
  }

  const every = (rate) => (rate > 0 ? `one in ${(1 / rate).toFixed(rate > 0.1 ? 1 : 0)} windows` : "none");

  function expected({ n, share }, rate, power) {
    const alone = `Over the threshold: ${percent(rate)} of ${QUIET.toLocaleString("en")} windows without drift (${every(rate)})`;
    if (share === 0) return `${alone}.`;
    const wait = power > 0 ? ` (mean delay ${(1 / power).toFixed(1)} windows, ${Math.round(n / power).toLocaleString("en")} pictures)` : "";
    return `${alone} and ${percent(power)} of ${DRIFTED.toLocaleString("en")} with this drift${wait}.`;
  }

  function meaning({ statistic, n, share, threshold }, rate, power) {
    const rule = statistic === "psi" && Math.abs(threshold - RULE) < 1e-9;
    if (rule && rate > 2 * PROMISED) {
      return `PSI's rule of thumb, 0.2, is the same for every size of window, but chance is not: of windows of ${n} pictures without drift, ${percent(rate)} exceed it.`;
    }
    if (share === 0) return "Nothing changes in this stream: every alarm is a false one.";
    if (rate > 5 * PROMISED) return "Many alarms are false. A higher threshold has fewer of them, and misses more windows with drift.";
    if (power < 3 * Math.max(rate, PROMISED)) return "Few false alarms, but hardly more alarms with this drift than without: take larger windows, or another statistic.";
    if (rate < PROMISED / 2 && power < 0.9) return "Hardly any false alarms, and a longer delay than with the threshold for 1\u00a0%.";
    if (power > 0.9) return "Few false alarms, and nearly every window with this drift raises one. A smaller share is harder to notice.";
    return "Few false alarms, and the drift is noticed after some windows. A lower threshold notices it sooner, and has more false alarms.";
  }

  function explore(stage, serial) {
    const id = (name) => `drift-${serial}-${name}`;
    const chosen = { statistic: "psi", number: "ink", n: 25, share: 0.5, change: 50, threshold: RULE };
    const phone = matchMedia("(max-width: 700px)");
    let seed = SEEDS.stream;
    let tally = { streams: 0, windows: 0, falseAlarms: 0 };

    const control = (name, label, range, text) =>
      slider(id(name), label, { ...range, value: chosen[name] }, text, (value) => {
        chosen[name] = value;
        restart();
      });
    const statistic = choice(id("statistic"), "statistic", STATISTICS, (value) => {
      chosen.statistic = value;
      number.style.display = STATISTICS[value].ofNumber ? "" : "none";
      resetThreshold();
      if (value === "psi") setThreshold(RULE);
      else calibrate();
    });
    const number = choice(id("number"), "number", NUMBERS, (value) => {
      chosen.number = value;
      restart();
    });
    const size = choice(id("n"), "window", Object.fromEntries(SIZES.map((n) => [n, { name: `${n} pictures` }])), (value) => {
      chosen.n = Number(value);
      restart();
    });
    size.querySelector("select").value = String(chosen.n);
    const share = control("share", "other maker", { min: 0, max: 1, step: 0.05 }, (value) => `${Math.round(100 * value)}\u00a0%`);
    const change = control("change", "from window", { min: 10, max: 90, step: 5 }, (value) => String(value));
    const threshold = element("div", { style: "display: contents" });
    const numbers = element("p", { class: "formula", style: "min-height: 3em" });
    const rates = element("p", { class: "formula", style: "min-height: 3em" });
    const streams = element("p", { class: "formula", style: "min-height: 1.5em" });
    const status = element("p", { role: "status" });
    const picture = shape("svg", {
      role: "img",
      "aria-label": "A statistic of each of 100 windows against a threshold, and its histogram over many windows without and with drift. The text below says how many alarms there are, and how many are false.",
    });

    // The slider is made anew for each statistic, whose units differ.
    function resetThreshold() {
      const { high, step, decimals } = STATISTICS[chosen.statistic];
      threshold.replaceChildren(control("threshold", "threshold", { min: 0, max: high, step }, (value) => value.toFixed(decimals)));
    }

    function setThreshold(value) {
      const input = threshold.querySelector("input");
      input.value = value;
      input.dispatchEvent(new Event("input"));
    }

    function calibrate() {
      setThreshold(calibrated(quiet(...kind()), STATISTICS[chosen.statistic].step));
    }

    // What of the settings decides a window's statistic.
    const kind = () => [chosen.statistic, STATISTICS[chosen.statistic].ofNumber ? chosen.number : "", chosen.n];

    // Counts the stream that is shown.
    function count() {
      const found = judged(stream(chosen, seed), chosen.change, chosen.threshold);
      tally = { streams: tally.streams + 1, windows: tally.windows + chosen.change, falseAlarms: tally.falseAlarms + found.falseAlarms };
    }

    // With other settings the count of streams begins anew.
    function restart() {
      tally = { streams: 0, windows: 0, falseAlarms: 0 };
      count();
      draw();
    }

    function proceed(more) {
      for (let k = 0; k < more; k += 1) {
        seed += 1;
        count();
      }
      draw();
    }

    function draw() {
      const look = phone.matches ? NARROW : WIDE;
      const axis = STATISTICS[chosen.statistic];
      const toY = (value) => look.height * (1 - Math.min(value / axis.high, 1));
      const toX = (window) => (look.width * (window + 0.5)) / WINDOWS;
      const values = stream(chosen, seed);
      const [without, having] = [quiet(...kind()), drifted(...kind(), chosen.share)];
      const whole = look.width + MARGIN.between + look.histogram;
      const from = (look.width * chosen.change) / WINDOWS;
      const y = toY(chosen.threshold);
      picture.setAttribute("viewBox", `${-MARGIN.left} ${-MARGIN.top} ${MARGIN.left + whole + MARGIN.right} ${MARGIN.top + look.height + MARGIN.bottom}`);
      picture.replaceChildren(
        shape("rect", { x: from, width: look.width - from, height: look.height, fill: "currentColor", "fill-opacity": chosen.share > 0 ? 0.08 : 0 }),
        axes(look, axis, chosen.number, toY),
        histograms(look, heights(without, axis), heights(having, axis)),
        shape("path", { d: `M${from} 0 V${look.height}`, stroke: "currentColor", "stroke-width": 1.5, "stroke-dasharray": "3 4" }),
        ...values.map((value, k) => mark(toX(k), toY(value), look.mark, value > chosen.threshold, k >= chosen.change && chosen.share > 0)),
        shape("path", { class: "threshold", d: `M0 ${y} H${whole}`, stroke: "currentColor", "stroke-width": 2.5, "stroke-dasharray": "9 5" }),
      );
      const [rate, power] = [over(without, chosen.threshold) / QUIET, over(having, chosen.threshold) / DRIFTED];
      numbers.textContent = outcome(chosen, judged(values, chosen.change, chosen.threshold));
      rates.textContent = expected(chosen, rate, power);
      streams.textContent = `With these settings so far: ${counted(tally.streams, "stream")}, ${tally.falseAlarms} false alarms in ${tally.windows.toLocaleString("en")} windows before the change (${percent(tally.falseAlarms / tally.windows)}).`;
      status.textContent = meaning(chosen, rate, power);
    }

    const controls = element("div", { class: "controls" },
      element("div", { class: "settings" }, statistic, number, size, share, change, threshold),
      element("div", { class: "buttons" },
        button("Threshold for 1 % false alarms", calibrate),
        button("New stream", () => proceed(1)),
        button("20 more streams", () => proceed(20))),
      numbers, rates, streams, status,
      element("p", { class: "legend" }, "Left, a stream: rings are windows without an alarm, crosses false alarms, dots alarms after the change (shaded). Right, on the same axis: blue bars, windows without drift; orange line, windows with this drift. Pictures are drawn with replacement."));
    stage.replaceChildren(element("div", { class: "explorer drift-monitor" }, element("div", { class: "plot" }, picture), controls));
    phone.addEventListener("change", draw);
    resetThreshold();
    restart();
  }

  document.querySelectorAll('[data-interactive="drift_monitor"]').forEach(explore);
})();
